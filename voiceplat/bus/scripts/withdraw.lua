-- withdraw: a worker takes no more calls.
-- KEYS: 1 free slots, 2 how many slots each worker has had at most, 3 free legs of each
-- ARGV: 1 worker
-- Returns how many free slots it had.
local removed = 0
for n = 0, tonumber(redis.call("HGET", KEYS[2], ARGV[1]) or 0) - 1 do
  removed = removed + redis.call("ZREM", KEYS[1], ARGV[1] .. "#" .. n)
end
redis.call("HDEL", KEYS[2], ARGV[1])
redis.call("ZREM", KEYS[3], ARGV[1])
return removed
