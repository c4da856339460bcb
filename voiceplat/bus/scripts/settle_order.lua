-- settle_order: an order was answered, and is forgotten; or its answer was lost.
-- KEYS: 1 the order
-- ARGV: 1 who carried it out, 2 "answered" or "lost", 3 how long a lost one is remembered, ms
-- Returns 1, or 0 when it is somebody else's by now.
if redis.call("HGET", KEYS[1], "owner") ~= ARGV[1] then return 0 end
if ARGV[2] == "answered" then return redis.call("DEL", KEYS[1]) end
redis.call("HSET", KEYS[1], "state", "lost")
return redis.call("PEXPIRE", KEYS[1], ARGV[3])
