-- Replaces the Domain and Path attributes of Set-Cookie headers. Values and other attributes stay byte for byte.
local function undotted(s)
  if string.sub(s, 1, 1) == "." then return string.sub(s, 2), "." end
  return s, ""
end

local function attribute(text, want)
  local space, name, value = string.match(text, "^(%s*)([^=]*)=(.*)$")
  if not name then return text end
  local which = string.lower(name)
  if which == "domain" and want.domain_from then
    local domain, dot = undotted(value)
    if string.lower(domain) == string.lower((undotted(want.domain_from))) then
      return space .. name .. "=" .. dot .. (undotted(want.domain_to))
    end
  elseif which == "path" and want.path_from and string.sub(value, 1, #want.path_from) == want.path_from then
    return space .. name .. "=" .. want.path_to .. string.sub(value, #want.path_from + 1)
  end
  return text
end

local function cookie(text, want)
  local parts = {}
  for part in string.gmatch(text .. ";", "([^;]*);") do
    if #parts > 0 then part = attribute(part, want) end
    parts[#parts + 1] = part
  end
  return table.concat(parts, ";")
end

function envoy_on_response(handle)
  local data, headers = handle:filterContext(), handle:headers()
  local want = {
    domain_from = data:get("domain_from"), domain_to = data:get("domain_to"),
    path_from = data:get("path_from"), path_to = data:get("path_to"),
  }
  local count, cookies = headers:getNumValues("set-cookie"), {}
  for i = 0, count - 1 do
    cookies[i + 1] = cookie(headers:getAtIndex("set-cookie", i), want)
  end
  if count == 0 then return end
  headers:remove("set-cookie")
  for _, text in ipairs(cookies) do headers:add("set-cookie", text) end
end
