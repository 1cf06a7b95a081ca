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

// When each key ends (0: never) and the name of its client, by the key's hash. Throws for whatever is not as it should be.
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
            demand(key.not_after === undefined || Number.isInteger(key.not_after),
                   `a key of ${client.name} ends at no time`);
            demand(!(key.sha256 in names), `a key of ${client.name} is there twice`);
            names[key.sha256] = `${key.not_after || 0} ${client.name}`;
        });
    });
    // Where a service is found for the moment, while its container is replaced.
    Object.keys(document.beside || {}).forEach((name) => {
        demand(NAME.test(name) && NAME.test(document.beside[name]), 'a service has no proper place');
        names[`@${name}`] = document.beside[name];
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
    const found = (version && zone.get(`${version} ${hash}`)) || '0 ';
    const space = found.indexOf(' ');
    const ends = Number(found.slice(0, space));
    return ends && ends <= Date.now() / 1000 ? '' : found.slice(space + 1);
}

// Host and port that a request goes to: as the route says, or the container that stands in for the service.
function upstream(r) {
    const asked = r.variables.upstream_asked;
    const colon = asked.indexOf(':');
    const version = current(ngx.shared.clients);
    const found = version && ngx.shared.clients.get(`${version} @${asked.slice(0, colon)}`);
    return found ? found + asked.slice(colon) : asked;
}

// The probe's answer: not ready until keys can be judged.
function health(r) {
    r.return(current(ngx.shared.clients) ? 200 : 503);
}

export default { client, health, parse, read, upstream };
