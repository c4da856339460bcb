-- find_application: whose application answers a call, and what it costs, in one look.
-- KEYS: 1 entry of the called number or application, or of the calling user, 2 prices
-- ARGV: 1 what that entry is of (number, app, user), 2 what keys of applications begin
--       with, 3 those of accounts, 4 … what a price may be found under, best first
-- Returns {application, its account, price}, each as it lies there; the list ends
-- before the first that there is none of.
local function app_id()
  if ARGV[1] == "user" then return redis.call("HGET", KEYS[1], "app_id") end
  local number = redis.call("GET", KEYS[1])
  return number and cjson.decode(number).app_id
end

local app
if ARGV[1] == "app" then
  app = redis.call("GET", KEYS[1])
else
  local id = app_id()
  app = type(id) == "string" and redis.call("GET", ARGV[2] .. id)
end
if not app then return {} end
local account = redis.call("GET", ARGV[3] .. cjson.decode(app).account)
if not account then return {app} end
for _, price in ipairs(redis.call("HMGET", KEYS[2], unpack(ARGV, 4))) do
  if price then return {app, account, price} end
end
return {app, account}
