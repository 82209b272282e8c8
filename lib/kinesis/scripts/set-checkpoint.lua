-- Sets a shard's checkpoint by an operator's hand: forward, back, or to where a new application begins.
--
-- Invariants: never while a worker owns the shard, for that one would go on from where it is and write over it. The
-- epoch rises as at a change of owner, so that whoever owned the shard before cannot write either.
--
-- KEYS owners epochs expiries checkpoints checkpoint_times handoffs
-- ARGV channel shard checkpoint
-- Returns `set`, `owned` or `missing`, and the checkpoint that stood there.

local channel, shard, checkpoint = ARGV[1], ARGV[2], ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local before = redis.call('HGET', KEYS[4], shard)
if not before then return { 'missing', '' } end
local expiry = tonumber(redis.call('ZSCORE', KEYS[3], shard) or 0)
if redis.call('HEXISTS', KEYS[1], shard) == 1 and expiry > now then return { 'owned', before } end

local epoch = math.max(tonumber(redis.call('HGET', KEYS[2], shard) or 0) + 1, now)
redis.call('HSET', KEYS[2], shard, string.format('%.0f', epoch))
redis.call('HDEL', KEYS[1], shard)
redis.call('HDEL', KEYS[6], shard)
redis.call('ZADD', KEYS[3], string.format('%.0f', now), shard)
redis.call('HSET', KEYS[4], shard, checkpoint)
redis.call('HSET', KEYS[5], shard, string.format('%.0f', now))
redis.call('PUBLISH', channel, 'set')
return { 'set', before }
