-- Makes the leases that are planned and do not exist yet.
--
-- Invariant: a lease that exists is never changed here, so that any worker may run this at any time.
--
-- KEYS checkpoints parents expiries
-- ARGV channel { shard parents(joined by commas) checkpoint }...
-- Returns the shards whose leases were made.

local channel = ARGV[1]
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

local created = {}
for i = 2, #ARGV, 3 do
  local shard, parents, checkpoint = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if redis.call('HSETNX', KEYS[1], shard, checkpoint) == 1 then
    redis.call('HSET', KEYS[2], shard, parents)
    redis.call('ZADD', KEYS[3], now, shard)
    table.insert(created, shard)
  end
end
if #created > 0 then redis.call('PUBLISH', channel, 'created') end
return created
