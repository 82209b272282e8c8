-- A shard has been read to its end: marks it SHARD_END and makes the leases of its children, in one step.
--
-- Invariants: only (owner, epoch) ends a shard; an ended shard is not owned; its children's leases exist from that
-- moment on. A child that exists already is left as it is (the other parent of a merge made it). A child whose other
-- parent has no lease is left to the end of that one, which still waits for parents of its own: made now, it would look
-- like a child whose parent has left the stream, and be read too early.
--
-- KEYS owners epochs expiries checkpoints checkpoint_times parents lags loads moves handoffs
-- ARGV worker channel shard epoch { child childsParents(joined by commas) }...
-- Returns 1, also when this very call has been made before; 0 when the caller is fenced.

local worker, channel, shard, epoch = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

if redis.call('HGET', KEYS[2], shard) ~= epoch then return 0 end
if redis.call('HGET', KEYS[4], shard) == 'SHARD_END' then return 1 end
if redis.call('HGET', KEYS[1], shard) ~= worker then return 0 end

local function parents_have_leases(parents)
  for parent in string.gmatch(parents, '[^,]+') do
    if redis.call('HEXISTS', KEYS[4], parent) == 0 then return false end
  end
  return true
end

redis.call('HSET', KEYS[4], shard, 'SHARD_END')
redis.call('HSET', KEYS[5], shard, now)
redis.call('HDEL', KEYS[1], shard)
redis.call('ZREM', KEYS[3], shard)
for _, i in ipairs({ 7, 8, 9, 10 }) do redis.call('HDEL', KEYS[i], shard) end
for i = 5, #ARGV, 2 do
  local child, parents = ARGV[i], ARGV[i + 1]
  if parents_have_leases(parents) and redis.call('HSETNX', KEYS[4], child, 'TRIM_HORIZON') == 1 then
    redis.call('HSET', KEYS[6], child, parents)
    redis.call('ZADD', KEYS[3], now, child)
  end
end
redis.call('PUBLISH', channel, 'completed')
return 1
