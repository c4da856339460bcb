-- tell_room: what its mixer says of a room: where it is, who is in it.
-- KEYS: 1 room
-- ARGV: 1 uuid of the instance, 2 "opened_at" for the first time, else "", 3… fields
--       and values
-- Returns 1; 0 when the name is another instance's meanwhile, or nobody's.
if redis.call("HGET", KEYS[1], "uuid") ~= ARGV[1] then return 0 end
redis.call("HSET", KEYS[1], unpack(ARGV, 3))
if ARGV[2] ~= "" then redis.call("HSETNX", KEYS[1], ARGV[2], now_ms()) end
return 1
