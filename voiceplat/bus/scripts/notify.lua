-- notify: ask the ledger to deliver a callback whose reply nobody waits for.
-- KEYS: 1 record of the call, 2 events
-- ARGV: 1 uuid, 2 events.Callback as JSON
-- Returns 1.
emit(KEYS[2], KEYS[1], ARGV[1], "callback", ARGV[2])
return 1
