-- Renews everything that a worker holds, and the worker's own presence, in one call.
--
-- Invariant: only (owner, epoch) extends a lease. An expired lease that nobody has taken is still its owner's. Whoever
-- renews a lease that is handed off learns how long it has left: after that the heir may take it.
--
-- KEYS owners epochs expiries lags workers loads worker_loads handoffs
-- ARGV worker ttlMs presence(`present` or `leaving`: a leaving worker no longer counts when leases are shared out)
--      utilization { shard epoch lagMs bytesPerSecond(empty while not known: what its last owner measured stays) }...
-- Returns { { shards that the worker no longer holds }, { shard, ms left, ... of those that are handed off } }

local worker, ttl, presence, utilization = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local expiry = string.format('%.0f', now + ttl)

if presence == 'present' then
  local known = (tonumber(redis.call('ZSCORE', KEYS[5], worker) or 0) > now) and redis.call('HGET', KEYS[7], worker)
  local joined_at = known and string.match(known, '%d+$') or string.format('%.0f', now)
  redis.call('ZADD', KEYS[5], expiry, worker)
  redis.call('HSET', KEYS[7], worker, utilization .. ' ' .. joined_at)
else
  redis.call('ZREM', KEYS[5], worker)
  redis.call('HDEL', KEYS[7], worker)
end
-- Workers that vanished a while ago.
local long_gone = string.format('%.0f', now - 10 * ttl)
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', long_gone)) do
  redis.call('ZREM', KEYS[5], name)
  redis.call('HDEL', KEYS[7], name)
end

local lost, handed_off = {}, {}
for i = 5, #ARGV, 4 do
  local shard, epoch = ARGV[i], ARGV[i + 1]
  if redis.call('HGET', KEYS[1], shard) == worker and redis.call('HGET', KEYS[2], shard) == epoch then
    redis.call('ZADD', KEYS[3], expiry, shard)
    redis.call('HSET', KEYS[4], shard, ARGV[i + 2])
    if ARGV[i + 3] ~= '' then redis.call('HSET', KEYS[6], shard, ARGV[i + 3]) end
    local handoff = redis.call('HGET', KEYS[8], shard)
    if handoff then
      table.insert(handed_off, shard)
      table.insert(handed_off, string.format('%.0f', tonumber(string.match(handoff, '^%d+')) - now))
    end
  else
    table.insert(lost, shard)
  end
end
return { lost, handed_off }
