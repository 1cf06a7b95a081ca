-- What the list of clients says, as tables to look up in by a key's SHA-256 (its 32 bytes).

local json = require("cjson").new()
json.decode_invalid_numbers(false)

local clients = {}

local function demand(condition, what)
    if not condition then
        error(what, 0)
    end
end

local function is_name(value)
    return type(value) == "string" and #value <= 40 and value:find("^[a-z][a-z0-9-]*$") ~= nil
end

local function is_hash(value)
    return type(value) == "string" and #value == 64 and value:find("^[0-9a-f]+$") ~= nil
end

local function is_whole(value)
    return type(value) == "number" and value == math.floor(value)
end

-- An empty object can't be told from an empty list here; it holds as little.
local function is_list(value)
    if type(value) ~= "table" then
        return false
    end
    local entries = 0
    for _ in pairs(value) do
        entries = entries + 1
    end
    return entries == #value
end

local function to_bytes(hash)
    return (hash:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

local function add(found, client)
    demand(type(client) == "table" and is_name(client.name), "a client has no proper name")
    demand(is_list(client.keys), "keys of " .. client.name .. " is not a list")
    for _, key in ipairs(client.keys) do
        demand(type(key) == "table" and is_hash(key.sha256), "a key of " .. client.name .. " has no sha256")
        demand(key.not_after == nil or is_whole(key.not_after), "a key of " .. client.name .. " ends at no time")
        local hash = to_bytes(key.sha256)
        demand(not found.names[hash], "a key of " .. client.name .. " is there twice")
        found.names[hash] = client.name
        found.ends[hash] = key.not_after or 0
    end
end

-- `names` and `ends` (0: never) by hash, and `beside`: where a service is found for the moment, while its container
-- is replaced. Raises an error that says what is not as it should be.
function clients.parse(text)
    local is_json, document = pcall(json.decode, text)
    demand(is_json and type(document) == "table", "this is not JSON")
    demand(document.version == 1, "version is not 1")
    demand(is_list(document.clients), "clients is not a list")
    local found = { names = {}, ends = {}, beside = {} }
    for _, client in ipairs(document.clients) do
        add(found, client)
    end
    demand(document.beside == nil or type(document.beside) == "table", "beside is no table")
    for name, place in pairs(document.beside or {}) do
        demand(is_name(name) and is_name(place), "a service has no proper place")
        found.beside[name] = place
    end
    return found
end

return clients
