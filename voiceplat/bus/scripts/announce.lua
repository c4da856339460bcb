-- announce: make a worker's free slots and legs exactly those it says it has.
-- KEYS: 1 free slots, 2 how many slots each worker has had at most, 3 calls that the
--       worker holds, 4 accounts with a queue, 5 inbox of the worker, 6 free legs of
--       each worker
-- ARGV: 1 worker, 2 free, 3 busy, 4 channel of wake-ups, 5 what a record begins with,
--       6 legs free for others
-- Returns how many slots are free: fewer than it said by the jobs that still lie in its
-- inbox, of which it cannot know.
local free, busy, legs = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[6])
for _, uuid in ipairs(redis.call("SMEMBERS", KEYS[3])) do
  local phase, call = unpack(redis.call("HMGET", ARGV[5] .. uuid, "phase", "call"))
  if phase == "assigned"
    and redis.call("LPOS", KEYS[5], job_message(call)) then
    free, busy, legs = free - 1, busy + 1, legs - 1
  end
end
local most = tonumber(redis.call("HGET", KEYS[2], ARGV[1]) or 0)
if free > most then redis.call("HSET", KEYS[2], ARGV[1], free) end
local added = 0
for n = 0, free - 1 do
  -- Lowest first: the busier a worker, the sooner it is filled, and idle ones sleep.
  added = added + redis.call("ZADD", KEYS[1], -busy, ARGV[1] .. "#" .. n)
end
for n = math.max(free, 0), most - 1 do
  redis.call("ZREM", KEYS[1], ARGV[1] .. "#" .. n)
end
if legs > 0 then
  redis.call("ZADD", KEYS[6], legs, ARGV[1])
else
  redis.call("ZREM", KEYS[6], ARGV[1])
end
if added > 0 and redis.call("ZCARD", KEYS[4]) > 0 then
  redis.call("PUBLISH", ARGV[4], "slot")
end
return math.max(free, 0)
