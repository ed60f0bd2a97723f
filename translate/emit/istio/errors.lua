-- Lets another service answer instead of listed statuses. Without a service the answer is an empty 404.
local function simple_id(id)
  if #id == 36 and string.find(id, "^%x+%-%x+%-%x+%-%x+%-%x+$") then return (string.gsub(id, "-", "")) end
  return id
end

-- Headers of this request are gone when the response comes, so they are kept.
function envoy_on_request(handle)
  local kept, headers = {}, handle:headers()
  for name, value in pairs(headers) do
    if not string.find(name, "^x%-envoy") then kept[name] = value end
  end
  local length = tonumber(headers:get("content-length") or "")
  if length and length > 0 and length <= 65536 then
    local body = handle:body()
    if body then kept[":body"] = body:getBytes(0, body:length()) end
  end
  handle:streamInfo():dynamicMetadata():set("i2g.errors", "request", kept)
end

local function page_request(handle, data, status)
  local stored = handle:streamInfo():dynamicMetadata():get("i2g.errors")
  local request, out = stored and stored["request"] or {}, {}
  for name, value in pairs(request) do out[name] = value end
  local body = out[":body"]
  out[":body"], out["content-length"], out["transfer-encoding"], out[":scheme"] = nil, nil, nil, nil
  local path = request[":path"] or "/"
  local query = string.find(path, "?", 1, true)
  out[":method"] = request[":method"] or "GET"
  out[":path"] = "/" .. (query and string.sub(path, query) or "")
  out[":authority"] = request[":authority"] or data:get("service") or "localhost"
  out["x-code"], out["x-format"], out["x-original-uri"] = status, request["accept"] or "", path
  out["x-namespace"], out["x-ingress-name"] = data:get("namespace"), data:get("ingress")
  out["x-service-name"], out["x-service-port"] = data:get("service"), data:get("port")
  if request["x-request-id"] then out["x-request-id"] = simple_id(request["x-request-id"]) end
  return out, body
end

function envoy_on_response(handle)
  local data, headers = handle:filterContext(), handle:headers()
  local status = headers:get(":status")
  if not (data:get("codes") or {})[status] then return end
  if data:get("local_only") and headers:get("x-envoy-upstream-service-time") then return end
  local page, text = {[":status"] = "404"}, ""
  local cluster = data:get("cluster")
  if cluster then
    local request, body = page_request(handle, data, status)
    handle:body(true) -- has to come before a call
    page, text = handle:httpCall(cluster, request, body, {timeout_ms = 5000, send_xff = false, return_duplicate_headers = true})
  end
  headers = handle:headers() -- the old one is dead after a call
  local old = {}
  for name in pairs(headers) do
    -- The challenge stays with its 401, whoever asked for it.
    local challenge = name == "www-authenticate" and status == "401"
    if string.sub(name, 1, 1) ~= ":" and not challenge then old[#old + 1] = name end
  end
  for _, name in ipairs(old) do headers:remove(name) end
  for name, value in pairs(page) do
    if name ~= "content-length" and name ~= "transfer-encoding" and name ~= "connection" then
      if type(value) == "table" then
        for _, one in ipairs(value) do headers:add(name, one) end
      else
        headers:replace(name, value)
      end
    end
  end
  handle:body(true):setBytes(text or "")
end
