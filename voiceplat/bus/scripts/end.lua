-- end: a call's one terminal event; whoever comes first wins, the rest find no record.
-- KEYS: 1 record of the call, 2 accounts with a queue, 3 events, 4 mark that the call is over
-- ARGV: 1 uuid, 2 calls.EndFacts as JSON, 3 "unbegun" to end it only if no INVITE can
--       have gone out, else "any", 4 worker it must be held by ("" for any);
--       what keys begin with: 5 index of an account, 6 queue, 7 worker; 8 how long the mark stays, s
-- Returns 1 when this ended the call, else 0.
local record = load(KEYS[1])
if not record.call then return 0 end
local begun = record.phase ~= "queued" and record.phase ~= "assigned"
if ARGV[3] == "unbegun" and begun then return 0 end
if ARGV[4] ~= "" and record.worker ~= ARGV[4] then return 0 end
emit(KEYS[3], KEYS[1], ARGV[1], "ended",
  live_json(record) .. ',"end":' .. ARGV[2] .. "}")
redis.call("SET", KEYS[4], 1, "EX", ARGV[8])
redis.call("DEL", KEYS[1])
redis.call("ZREM", ARGV[5] .. record.account, ARGV[1])
redis.call("ZREM", ARGV[5] .. record.main, ARGV[1])
if record.phase == "queued" then
  local queue = ARGV[6] .. record.main
  redis.call("LREM", queue, 1, ARGV[1])
  if redis.call("LLEN", queue) == 0 then redis.call("ZREM", KEYS[2], record.main) end
else
  redis.call("SREM", ARGV[7] .. record.worker, ARGV[1])
end
return 1
