-- dead_nodes: nodes that have been silent for too long, by Redis' own clock.
-- KEYS: 1 nodes
-- ARGV: 1 ms of silence
-- Returns the nodes, longest silent first.
return redis.call("ZRANGE", KEYS[1], "-inf", "(" .. whole(now_ms() - ARGV[1]), "BYSCORE")
