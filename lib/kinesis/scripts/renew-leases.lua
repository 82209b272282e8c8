-- Renews everything that a worker holds, and the worker's own presence, in one call.
--
-- Invariant: only (owner, epoch) extends a lease. An expired lease that nobody has taken is still its owner's.
--
-- KEYS owners epochs expiries lags workers
-- ARGV worker ttlMs presence(`present` or `leaving`: a leaving worker no longer counts when leases are shared out)
--      { shard epoch lagMs }...
-- Returns the shards that the worker no longer holds.

local worker, ttl, presence = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local expiry = string.format('%.0f', now + ttl)

if presence == 'present' then
  redis.call('ZADD', KEYS[5], expiry, worker)
else
  redis.call('ZREM', KEYS[5], worker)
end
-- Workers that vanished a while ago.
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', string.format('%.0f', now - 10 * ttl))

local lost = {}
for i = 4, #ARGV, 3 do
  local shard, epoch, lag = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if redis.call('HGET', KEYS[1], shard) == worker and redis.call('HGET', KEYS[2], shard) == epoch then
    redis.call('ZADD', KEYS[3], expiry, shard)
    redis.call('HSET', KEYS[4], shard, lag)
  else
    table.insert(lost, shard)
  end
end
return lost
