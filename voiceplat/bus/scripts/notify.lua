-- notify: ask the ledger to deliver a callback whose reply nobody waits for.
-- KEYS: 1 record of the call, 2 events, 3 mark of what is told ("" when nobody else
--       would tell it)
-- ARGV: 1 uuid, 2 events.Callback as JSON, 3 how long the mark stays, s
-- Returns 1; 0 when it was told before.
if KEYS[3] ~= "" and not redis.call("SET", KEYS[3], 1, "NX", "EX", ARGV[3]) then
  return 0
end
emit(KEYS[2], KEYS[1], ARGV[1], "callback", ARGV[2])
return 1
