-- quiet_timelines: the timelines that have been quiet for a while; each is given to one
-- asker, and to another one when it was not settled within the same while.
-- KEYS: 1 timelines that are not in the database yet
-- ARGV: 1 how long they must have been quiet, ms, 2 how many at most
-- Returns uuid, mark, uuid, mark …: the mark says when it was given away.
local now = now_us()
local due = redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", whole(now - ARGV[1] * 1000), "LIMIT", 0, ARGV[2])
local given = {}
for _, uuid in ipairs(due) do
  redis.call("ZADD", KEYS[1], whole(now), uuid)
  given[#given + 1] = uuid
  given[#given + 1] = whole(now)
end
return given
