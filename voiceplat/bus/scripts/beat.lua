-- beat: a node is alive, by Redis' own clock.
-- KEYS: 1 nodes
-- ARGV: 1 node
-- Returns 1 when the node was not known: it is new, or was taken for dead.
return redis.call("ZADD", KEYS[1], now_ms(), ARGV[1])
