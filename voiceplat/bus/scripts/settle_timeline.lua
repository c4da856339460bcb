-- settle_timeline: a timeline is in the database, or is not to get there.
-- KEYS: 1 timelines that are not in the database yet
-- ARGV: 1 uuid, 2 the mark that quiet_timelines gave with it
-- Returns 1; 0 when something was noted meanwhile, so that it has another turn.
if redis.call("ZSCORE", KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call("ZREM", KEYS[1], ARGV[1])
return 1
