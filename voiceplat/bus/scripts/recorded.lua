-- recorded: tell the ledger that a recording is over; its call may be over too.
-- KEYS: 1 record of the call, 2 events
-- ARGV: 1 uuid of the call, 2 recording.Recording as JSON
-- Returns 1.
emit(KEYS[2], KEYS[1], ARGV[1], "recorded", ARGV[2])
return 1
