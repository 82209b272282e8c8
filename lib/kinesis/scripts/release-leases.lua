-- Gives leases back and tells the other workers, so that the next owner starts at once.
--
-- Invariant: only (owner, epoch) releases. The expiry of a lease that nobody owns is the time since when.
--
-- KEYS owners epochs expiries lags
-- ARGV worker channel { shard epoch }...
-- Returns how many were released.

local worker, channel = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

local released = 0
for i = 3, #ARGV, 2 do
  local shard, epoch = ARGV[i], ARGV[i + 1]
  if redis.call('HGET', KEYS[1], shard) == worker and redis.call('HGET', KEYS[2], shard) == epoch then
    redis.call('HDEL', KEYS[1], shard)
    redis.call('ZADD', KEYS[3], now, shard)
    redis.call('HDEL', KEYS[4], shard)
    released = released + 1
  end
end
if released > 0 then redis.call('PUBLISH', channel, 'released') end
return released
