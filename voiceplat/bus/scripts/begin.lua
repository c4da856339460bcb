-- begin: the last moment at which an assigned call can be stopped; after it the INVITE
-- may be on the wire.
-- KEYS: 1 record of the call
-- ARGV: 1 worker that asks ("" for whoever holds it), 2 its attempt ("" for none)
-- Returns 1 when the caller must dial, else 0 (cancelled, taken away, begun before).
-- The API shows it as ringing from now on: a dialled call is no longer queued.
-- The same attempt may ask twice, when the first answer was lost, and hears the same.
local record = load(KEYS[1])
if not record.call then return 0 end
if ARGV[1] ~= "" and record.worker ~= ARGV[1] then return 0 end
if record.phase == "dialling" and ARGV[2] ~= "" and record.attempt == ARGV[2] then
  return 1
end
if record.phase ~= "assigned" then return 0 end
redis.call("HSET", KEYS[1], "phase", "dialling", "status", "ringing",
  "attempt", ARGV[2])
return 1
