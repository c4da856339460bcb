-- command: put a command into the inbox of the worker that holds a live call.
-- KEYS: 1 record of the call
-- ARGV: 1 message as JSON, 2 what an inbox begins with
-- Returns the inbox's key, or "" when the call is not live.
local phase, worker = unpack(redis.call("HMGET", KEYS[1], "phase", "worker"))
if not phase or phase == "queued" or not worker or worker == "" then return "" end
local inbox = ARGV[2] .. worker
redis.call("RPUSH", inbox, ARGV[1])
return inbox
