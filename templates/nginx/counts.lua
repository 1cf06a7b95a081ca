-- What the door counts of itself, for Prometheus: requests by route, class of status and duration, and whom it turned
-- away by itself.
--
-- A request costs two additions: there is one number for each route, class and duration together, under a key that was
-- made before the first request. Nothing a client says becomes a key.

local BOUNDS = { 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, math.huge } -- seconds
local CLASSES = { "1xx", "2xx", "3xx", "4xx", "5xx" }
local REASONS = { "no_key", "unknown_key", "rate", "concurrent" }
local STATES = { "active", "reading", "waiting", "writing" }
local HEALTH, OTHER = "health", "other"
local FULL = "no room for the door's counts: "
local now, start_time, var = ngx.now, ngx.req.start_time, ngx.var
local zone = ngx.shared.counts

local counts = {}
local routes = {}     -- in the order in which they are shown
local base, sums = {}, {} -- by route: where its keys begin, and the key of its seconds
local keys = {}       -- of each route, class and duration

-- What is there already stays: nginx reads its configuration again without losing count.
local function begin(key, value)
    local kept, why = zone:safe_add(key, value)
    if not kept and why ~= "exists" then
        error(FULL .. why, 0)
    end
end

local function add_route(route)
    routes[#routes + 1] = route
    base[route], sums[route] = #keys, "seconds " .. route
    begin(sums[route], 0)
    for _, class in ipairs(CLASSES) do
        for bucket in ipairs(BOUNDS) do
            keys[#keys + 1] = table.concat({ "requests", route, class, bucket }, " ")
            begin(keys[#keys], 0)
        end
    end
end

-- `paths` are those of the routes.
function counts.start(paths)
    for _, path in ipairs(paths) do
        add_route(path)
    end
    add_route(HEALTH)
    add_route(OTHER)
    for _, reason in ipairs(REASONS) do
        begin(reason, 0)
    end
    begin("started", os.time())
end

local function presented_a_key()
    return (var.http_x_api_key or "") ~= "" or (var.http_authorization or "") ~= ""
end

-- Whom the door turned away itself: a service has its own reasons, and counts them.
local function count_refused(status)
    if (var.upstream_status or "") ~= "" then
        return
    end
    if status == 401 then
        zone:incr(presented_a_key() and "unknown_key" or "no_key", 1)
    elseif var.limit_req_status == "REJECTED" then
        zone:incr("rate", 1)
    elseif var.limit_conn_status == "REJECTED" then
        zone:incr("concurrent", 1)
    end
end

-- When a request has ended. Its route is $counted_route, which an internal redirect to an error's page leaves alone.
function counts.request()
    local route = var.counted_route
    if not base[route] then
        route = OTHER
    end
    local status, took = ngx.status, now() - start_time()
    if took < 0 then
        took = 0 -- the clock was set back
    end
    local class, bucket = math.floor(status / 100), 1
    if class < 1 or class > #CLASSES then
        class = 4 -- it broke off before it had an answer
    end
    while took > BOUNDS[bucket] do
        bucket = bucket + 1
    end
    zone:incr(keys[base[route] + (class - 1) * #BOUNDS + bucket], 1)
    zone:incr(sums[route], took)
    if status == 401 or status == 429 then
        count_refused(status)
    end
end

local function number(value)
    return string.format("%.14g", value)
end

local function add(lines, name, labels, value)
    lines[#lines + 1] = name .. labels .. " " .. number(value) .. "\n"
end

local function name_family(lines, name, kind, help)
    lines[#lines + 1] = "# HELP " .. name .. " " .. help .. "\n# TYPE " .. name .. " " .. kind .. "\n"
end

-- How many requests of a route there were in each class and in each duration.
local function total(route)
    local by_class, by_bucket, at = {}, {}, base[route]
    for class in ipairs(CLASSES) do
        for bucket in ipairs(BOUNDS) do
            at = at + 1
            local found = zone:get(keys[at]) or 0
            by_class[class] = (by_class[class] or 0) + found
            by_bucket[bucket] = (by_bucket[bucket] or 0) + found
        end
    end
    return by_class, by_bucket
end

local function show_histogram(lines, name, route, by_bucket)
    local so_far = 0
    for bucket, bound in ipairs(BOUNDS) do
        so_far = so_far + by_bucket[bucket]
        local le = bound == math.huge and "+Inf" or number(bound)
        add(lines, name .. "_bucket", string.format('{route="%s",le="%s"}', route, le), so_far)
    end
    add(lines, name .. "_sum", string.format('{route="%s"}', route), zone:get(sums[route]) or 0)
    add(lines, name .. "_count", string.format('{route="%s"}', route), so_far)
end

local function show_requests(lines)
    local requests, seconds = "garrison_door_requests_total", "garrison_door_request_duration_seconds"
    local durations = {}
    name_family(lines, requests, "counter", "Requests that have ended, by route and class of status.")
    for _, route in ipairs(routes) do
        local by_class, by_bucket = total(route)
        durations[route] = by_bucket
        for class, name in ipairs(CLASSES) do
            add(lines, requests, string.format('{route="%s",status="%s"}', route, name), by_class[class])
        end
    end
    name_family(lines, seconds, "histogram", "How long they took, from their first byte to the answer's last.")
    for _, route in ipairs(routes) do
        show_histogram(lines, seconds, route, durations[route])
    end
end

local function show_refused(lines)
    local refused = "garrison_door_refused_total"
    name_family(lines, refused, "counter", "Requests that the door turned away by itself.")
    for _, reason in ipairs(REASONS) do
        add(lines, refused, string.format('{reason="%s"}', reason), zone:get(reason) or 0)
    end
end

local function show_connections(lines, limit)
    local connections = "garrison_door_connections"
    name_family(lines, connections, "gauge", "Connections of clients, as nginx has them.")
    for _, state in ipairs(STATES) do
        add(lines, connections, string.format('{state="%s"}', state), tonumber(var["connections_" .. state]))
    end
    name_family(lines, connections .. "_max", "gauge", "Connections that all workers together may have.")
    add(lines, connections .. "_max", "", limit)
end

local function show_keys(lines)
    local outdated = "garrison_door_keys_outdated"
    name_family(lines, outdated, "gauge", "1: the list of clients is no good, an earlier one is in force.")
    add(lines, outdated, "", require("keys").are_outdated() and 1 or 0)
end

-- The answer to Prometheus; `limit` is how many connections nginx may have.
function counts.show(limit)
    local lines = {}
    show_requests(lines)
    show_refused(lines)
    show_connections(lines, limit)
    show_keys(lines)
    name_family(lines, "process_start_time_seconds", "gauge", "When nginx was started.")
    add(lines, "process_start_time_seconds", "", zone:get("started"))
    ngx.header["Content-Type"] = "text/plain; version=0.0.4"
    ngx.print(lines)
    ngx.exit(ngx.HTTP_OK)
end

return counts
