-- enqueue: accept an outbound call: record, index, queue and event, or nothing at all.
-- KEYS: 1 record of the call, 2 index of its account, 3 index of its main account,
--       4 queue of the main account, 5 accounts with a queue, 6 rates,
--       7 pace of the main account, 8 free slots, 9 events, 10 mark that the call is over
-- ARGV: 1 uuid, 2 call as JSON, 3 main account, 4 calls per second, 5 initiated (epoch
--       ms), 6 channel of wake-ups, or "" when the asker dispatches, 7 account,
--       8 direction, 9 from, 10 to
-- Returns 1 when it may start at once (nothing before it, pace and a slot allow it),
-- else 0. A call that is accepted already stays as it is, and one that is over is over.
if redis.call("EXISTS", KEYS[10]) == 1 then return 0 end
local now = now_us()
local waiting = redis.call("LLEN", KEYS[4])
if redis.call("EXISTS", KEYS[1]) == 0 then
  redis.call("HSET", KEYS[1], "call", ARGV[2], "status", "queued", "phase", "queued",
    "account", ARGV[7], "main", ARGV[3], "queued_at", whole(now),
    "direction", ARGV[8], "from", ARGV[9], "to", ARGV[10])
  redis.call("ZADD", KEYS[2], ARGV[5], ARGV[1])
  redis.call("ZADD", KEYS[3], ARGV[5], ARGV[1])
  redis.call("RPUSH", KEYS[4], ARGV[1])
  redis.call("ZADD", KEYS[5], "NX", whole(now), ARGV[3])
  redis.call("HSET", KEYS[6], ARGV[3], ARGV[4])
  emit(KEYS[9], KEYS[1], ARGV[1], "initiated", live_json(load(KEYS[1])) .. "}")
  if ARGV[6] ~= "" then redis.call("PUBLISH", ARGV[6], "queued") end
else
  waiting = waiting - 1
end
local due = tonumber(redis.call("GET", KEYS[7]) or 0)
if waiting <= 0 and due <= now and redis.call("ZCARD", KEYS[8]) > 0 then return 1 end
return 0
