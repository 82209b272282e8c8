-- Makes the caller the one runner of a range. Invariant: every claim has a higher epoch than all before it, also after
-- a failover that lost a claim: it is never lower than the server's clock.
--
-- KEYS  1 feed  2 ranges  3 running feeds
-- ARGV  1 range  2 how many rows beyond the position may be sent before the next advance  3 name of the feed
-- Returns an empty list when there is nothing to run: the feed is unknown, over or paused, or the range is done; else
--   { epoch, start, end or -1, offset, line, seq, inherited, reserved, bytes, read, refused, filtered, emitted,
--     recovered, 1 when the feed is to end }

local state, wanted = unpack(redis.call('HMGET', KEYS[1], 'state', 'wanted'))
if state ~= 'waiting' and state ~= 'running' then return {} end
local range = ARGV[1]
if tonumber(range) >= tonumber(redis.call('HGET', KEYS[2], 'ranges') or 1) then return {} end
if redis.call('HEXISTS', KEYS[2], range .. ':done') == 1 then return {} end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function stored(field, default)
  return tonumber(redis.call('HGET', KEYS[2], range .. ':' .. field) or default or 0)
end

local epoch = math.max(stored('epoch') + 1, now)
local seq = stored('seq')
local inherited = stored('reserved', seq)
-- The runner before may have sent rows up to its reservation. A feed that is to end is sent up to there and no
-- further, so that each of its records on the stream is one that was counted.
local reserved = wanted and inherited or math.max(inherited, seq + tonumber(ARGV[2]))

redis.call('HSET', KEYS[2], range .. ':epoch', string.format('%.0f', epoch), range .. ':reserved',
  string.format('%.0f', reserved))
if state == 'waiting' then
  redis.call('HSET', KEYS[1], 'state', 'running')
  redis.call('HSETNX', KEYS[1], 'startedAt', string.format('%.0f', now))
end
redis.call('ZADD', KEYS[3], string.format('%.0f', now), ARGV[3])

return {
  epoch, stored('start'), stored('end', -1), stored('offset'), stored('line'), seq, inherited, reserved,
  stored('bytes'), stored('read'), stored('refused'), stored('filtered'), stored('emitted'), stored('recovered'),
  wanted and 1 or 0,
}
