-- requeue: put a call whose worker is gone before it dialled back where it stood.
-- KEYS: 1 record of the call, 2 accounts with a queue
-- ARGV: 1 uuid, 2 worker it must be held by ("" for any), 3 channel of wake-ups;
--       what keys begin with: 4 queue, 5 worker, 6 record
-- Returns 1 when it is queued again, else 0 (not assigned, begun, over).
local record = load(KEYS[1])
if record.phase ~= "assigned" then return 0 end
if ARGV[2] ~= "" and record.worker ~= ARGV[2] then return 0 end
local queue = ARGV[4] .. record.main
redis.call("SREM", ARGV[5] .. record.worker, ARGV[1])
redis.call("HSET", KEYS[1], "phase", "queued", "worker", "")
-- At the front, but behind calls that were accepted before it and came back too.
local place, before = 0, nil
repeat
  before = redis.call("LINDEX", queue, place)
  place = place + 1
until not before
  or tonumber(redis.call("HGET", ARGV[6] .. before, "queued_at") or 0)
    > tonumber(record.queued_at)
if before then
  redis.call("LINSERT", queue, "BEFORE", before, ARGV[1])
else
  redis.call("RPUSH", queue, ARGV[1])
end
redis.call("ZADD", KEYS[2], "NX", whole(now_us()), record.main)
redis.call("PUBLISH", ARGV[3], "requeued")
return 1
