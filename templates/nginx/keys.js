// Who is asking: the client whose key the request carries, by the key's SHA-256.
//
// njs gives each request a machine of its own, so what was read is kept in a zone that the workers share,
// under the version (file number and time) of the file it came from. A replaced file is read at the next request.

import fs from 'fs';
import crypto from 'crypto';

const FILE = '/run/clients/clients.json';
const KEY = /^gk_[A-Za-z0-9_-]{43}$/;
const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const HASH = /^[0-9a-f]{64}$/;

function demand(condition, what) {
    if (!condition) {
        throw new Error(`${FILE}: ${what}`);
    }
}

// The clients' names by the hashes of their keys. Throws for whatever is not as it should be.
function parse(text) {
    const document = JSON.parse(text);
    const names = {};
    demand(document && document.version === 1, 'version is not 1');
    demand(Array.isArray(document.clients), 'clients is not a list');
    document.clients.forEach((client) => {
        demand(client && NAME.test(client.name), 'a client has no proper name');
        demand(Array.isArray(client.keys), `keys of ${client.name} is not a list`);
        client.keys.forEach((key) => {
            demand(key && HASH.test(key.sha256), `a key of ${client.name} has no sha256`);
            demand(!(key.sha256 in names), `a key of ${client.name} is there twice`);
            names[key.sha256] = client.name;
        });
    });
    return names;
}

function read() {
    return parse(fs.readFileSync(FILE, 'utf8'));
}

// The new version's names are all there before it is current, and the old one's go afterwards: no request between
// the two finds nothing.
function refresh(zone, found) {
    const names = read();
    Object.keys(names).forEach((hash) => zone.set(`${found} ${hash}`, names[hash]));
    zone.set('version', found);
    zone.keys().forEach((entry) => {
        if (entry !== 'version' && entry !== 'refused' && !entry.startsWith(`${found} `)) {
            zone.delete(entry);
        }
    });
}

// The version in force: the file's own, or while that is no good, the last good one. Undefined if there never was one.
function current(zone) {
    let found = 'unreadable';
    try {
        const stat = fs.statSync(FILE);
        found = `${stat.ino}/${stat.mtimeMs}/${stat.size}`;
        if (zone.get('version') !== found && zone.get('refused') !== found) {
            refresh(zone, found);
        }
    } catch (error) {
        if (zone.get('refused') !== found) {
            zone.set('refused', found);
            ngx.log(ngx.ERR, `keys not taken over, the earlier ones stay in force: ${error.message}`);
        }
    }
    return zone.get('version');
}

function presented(headers) {
    const bearer = /^Bearer +(\S+)$/i.exec(headers['Authorization'] || '');
    return headers['X-API-Key'] || (bearer ? bearer[1] : '');
}

// The client's name, empty for nobody we know.
function client(r) {
    const key = presented(r.headersIn);
    if (!KEY.test(key)) {
        return '';
    }
    const zone = ngx.shared.clients;
    const version = current(zone);
    const hash = crypto.createHash('sha256').update(key).digest('hex');
    return (version && zone.get(`${version} ${hash}`)) || '';
}

// The probe's answer: not ready until keys can be judged.
function health(r) {
    r.return(current(ngx.shared.clients) ? 200 : 503);
}

export default { client, health, parse, read };
