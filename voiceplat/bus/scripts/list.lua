-- list: uuids of an account's calls, oldest first, filtered and paged.
-- KEYS: 1 index of the account
-- ARGV: 1 what a record's key begins with, 2 "queued" or "live", 3 direction, 4 from,
--       5 to ("" for all), 6 how many at most, 7 how many to skip
-- Returns the uuids.
local limit, skip, found = tonumber(ARGV[6]), tonumber(ARGV[7]), {}
for _, uuid in ipairs(redis.call("ZRANGE", KEYS[1], 0, -1)) do
  if #found >= limit then break end
  local status, direction, from, to = unpack(
    redis.call("HMGET", ARGV[1] .. uuid, "status", "direction", "from", "to"))
  if status and (status == "queued") == (ARGV[2] == "queued")
    and (ARGV[3] == "" or direction == ARGV[3])
    and (ARGV[4] == "" or from == ARGV[4])
    and (ARGV[5] == "" or to == ARGV[5]) then
    if skip > 0 then skip = skip - 1 else table.insert(found, uuid) end
  end
end
return found
