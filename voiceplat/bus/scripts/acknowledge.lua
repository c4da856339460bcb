-- acknowledge: an event was applied (or parked): nobody needs to read it again.
-- KEYS: 1 events, 2 parked events
-- ARGV: 1 consumer group, 2 why it is parked ("" when it was applied), 3… ids
-- Returns how many entries left the stream. Nothing else ever shortens it.
for i = 3, #ARGV do
  local entry = redis.call("XRANGE", KEYS[1], ARGV[i], ARGV[i])[1]
  if ARGV[2] ~= "" and entry then
    redis.call("XADD", KEYS[2], "MAXLEN", "~", 10000, "*",
      "id", ARGV[i], "why", ARGV[2], unpack(entry[2]))
  end
  redis.call("XACK", KEYS[1], ARGV[1], ARGV[i])
end
return redis.call("XDEL", KEYS[1], unpack(ARGV, 3))
