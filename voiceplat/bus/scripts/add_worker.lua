-- add_worker: a worker's address belongs to this node, and to no other any more.
-- KEYS: 1 nodes
-- ARGV: 1 node, 2 worker, 3 what the key of a node's workers begins with
-- Returns 1 when the node did not have it before.
for _, other in ipairs(redis.call("ZRANGE", KEYS[1], 0, -1)) do
  if other ~= ARGV[1] then redis.call("SREM", ARGV[3] .. other, ARGV[2]) end
end
return redis.call("SADD", ARGV[3] .. ARGV[1], ARGV[2])
