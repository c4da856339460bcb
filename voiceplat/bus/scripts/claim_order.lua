-- claim_order: who carries out a client's order, so that a repeated one is carried out once.
-- KEYS: 1 the order
-- ARGV: 1 who claims it, 2 its uuids as JSON, 3 how long it is remembered, ms,
--       4 who had it and is taken for dead ("" for nobody)
-- Returns 0, uuids when it is the claimer's: its own uuids for a new order, those of
-- before for one whose answer was lost; 1, owner when somebody carries it out just now.
local owner, state, uuids = unpack(redis.call("HMGET", KEYS[1], "owner", "state", "uuids"))
if owner and state == "running" and owner ~= ARGV[4] then return {1, owner} end
uuids = uuids or ARGV[2]
redis.call("HSET", KEYS[1], "owner", ARGV[1], "state", "running", "uuids", uuids)
redis.call("PEXPIRE", KEYS[1], ARGV[3])
return {0, uuids}
