-- notify: tell the ledger of something about a call, which may be over.
-- KEYS: 1 record of the call, 2 events
-- ARGV: 1 uuid, 2 kind of event, 3 its data as JSON
-- Returns 1.
emit(KEYS[2], KEYS[1], ARGV[1], ARGV[2], ARGV[3])
return 1
