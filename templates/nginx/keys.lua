-- Who is asking: the client whose key the request carries, by the key's SHA-256.
--
-- Each worker has the list in tables of its own and looks at each request whether the file is still the one that it
-- read. The zone that they share has the last good text: what a worker falls back on that has seen a bad one only.

local ffi = require "ffi"
local clients = require "clients"

ffi.cdef [[
    /* SHA256_CTX of openssl/sha.h. In one call, SHA256() would look its algorithm up by name each time. */
    typedef struct { uint32_t h[8], low, high, data[16]; unsigned int used, length; } garrison_sha256;
    int SHA256_Init(garrison_sha256 *state);
    int SHA256_Update(garrison_sha256 *state, const void *data, size_t length);
    int SHA256_Final(unsigned char *digest, garrison_sha256 *state);

    /* statx(2) looks the same on every architecture, struct stat doesn't. */
    typedef struct { int64_t tv_sec; uint32_t tv_nsec; int32_t pad; } garrison_time;
    typedef struct {
        uint32_t mask, blksize; uint64_t attributes;
        uint32_t nlink, uid, gid; uint16_t mode, pad;
        uint64_t ino, size, blocks, attributes_mask;
        garrison_time atime, btime, ctime, mtime;
        uint64_t rest[16];
    } garrison_statx;
    int statx(int folder, const char *path, int flags, unsigned int mask, garrison_statx *found);
]]

local FILE = "/run/clients/clients.json"
local AT_FDCWD, STATX_BASIC_STATS = -100, 0x7ff
local SPACE = 32
local C, now, var = ffi.C, ngx.now, ngx.var
local zone = ngx.shared.clients
local found, digest = ffi.new("garrison_statx"), ffi.new("unsigned char[32]")
local state = ffi.new("garrison_sha256")

local keys = {}
local held, version        -- the list in force, and the file that it came from
local ino, sec, nsec, size -- the file that was looked at last, good or not

-- Also true where the file is gone and was gone before.
local function is_unchanged()
    if C.statx(AT_FDCWD, FILE, 0, STATX_BASIC_STATS, found) ~= 0 then
        found.ino, found.size = 0, 0
    end
    -- The time of the last change, not of the last write: it tells of a mode that was mended, too.
    local time = found.ctime
    if ino == found.ino and nsec == time.tv_nsec and sec == time.tv_sec and size == found.size then
        return true
    end
    ino, sec, nsec, size = found.ino, time.tv_sec, time.tv_nsec, found.size
    return false
end

local function read()
    local file, text, why
    file, why = io.open(FILE, "r")
    if file then
        text, why = file:read("*a")
        file:close()
    end
    return text or error((why:gsub("^.*: ", "")), 0) -- some of these messages begin with the path
end

local function take(seen)
    local text = read()
    local list = clients.parse(text)
    local kept, why = zone:safe_set("text", text)
    if not kept then
        error("no room for it: " .. why, 0)
    end
    zone:set("version", seen)
    zone:delete("refused")
    held, version = list, seen
end

-- Another worker may have taken over a good file that this one never saw.
local function fall_back()
    local last = zone:get("version")
    if last and last ~= version then
        held, version = clients.parse(zone:get("text")), last
    end
end

-- Said once, not by each worker and at each request.
local function refuse(seen, why)
    if zone:get("refused") ~= seen then
        zone:set("refused", seen)
        ngx.log(ngx.ERR, "keys not taken over, the earlier ones stay in force: ", FILE, ": ", why)
    end
end

-- The list in force: the file's own, or while that is no good, the last good one.
local function current()
    if is_unchanged() then
        return held
    end
    local seen = table.concat({ tostring(ino), tostring(sec), nsec, tostring(size) }, "/")
    local taken, why = pcall(take, seen)
    if not taken then
        fall_back()
        refuse(seen, why)
    end
    return held
end

-- The 32 bytes of it; none of the three can fail.
local function sha256(text)
    C.SHA256_Init(state)
    C.SHA256_Update(state, text, #text)
    C.SHA256_Final(digest, state)
    return ffi.string(digest, 32)
end

local function presented()
    local key = var.http_x_api_key
    if key and key ~= "" then
        return key
    end
    local header = var.http_authorization
    if header and header:sub(1, 7):lower() == "bearer " then
        local first = 8
        while header:byte(first) == SPACE do
            first = first + 1
        end
        return header:sub(first)
    end
end

-- nginx doesn't start without a list; when it reads its configuration again, the last good one will do.
function keys.start()
    if not current() then
        error(FILE .. " is no good, so nobody could come in", 0)
    end
end

-- The client's name, empty for nobody we know. Every request comes here first, so nothing here keeps LuaJIT from
-- compiling it, as matching a pattern would.
function keys.client()
    local list, key = current(), presented()
    if not key or #key ~= 46 or key:sub(1, 3) ~= "gk_" then
        return ""
    end
    local hash = sha256(key)
    local ends = list.ends[hash]
    if not ends or (ends ~= 0 and ends <= now()) then
        return ""
    end
    return list.names[hash]
end

-- Host and port that a request goes to: as the route says, or the container that stands in for the service.
-- The request's client was asked for just before, so the file isn't looked at again.
function keys.upstream(asked)
    local beside = held.beside
    if next(beside) == nil then
        return asked
    end
    local name, port = asked:match("^([^:]+)(:.+)$")
    return (beside[name] or name) .. port
end

-- The probe's answer: not ready until keys can be judged.
function keys.health()
    ngx.exit(current() and ngx.HTTP_OK or ngx.HTTP_SERVICE_UNAVAILABLE)
end

-- Whether the file is no good, so that an earlier list is in force.
function keys.are_outdated()
    current()
    return zone:get("refused") ~= nil
end

return keys
