-- Makes the caller the one runner of a range. Invariant: every claim has a higher epoch than all before it, also after
-- a failover that lost a claim: it is never lower than the server's clock.
--
-- KEYS  1 feed  2 range
-- ARGV  1 how many rows beyond the position may be sent before the next advance
-- Returns an empty list when the feed is over or unknown, else
--   { epoch, offset, line, seq, inherited, reserved, read, refused, filtered, emitted, recovered, endRequested }

local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'finished' or state == 'failed' or state == 'ended' then return {} end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local nowText = string.format('%.0f', now)

local function stored(field) return tonumber(redis.call('HGET', KEYS[2], field) or 0) end

local epoch = math.max(stored('epoch') + 1, now)
local seq, inherited = stored('seq'), stored('reserved')
-- The runner before may have sent rows up to its reservation. A feed that is to end is sent up to there and no
-- further, so that each of its records on the stream is one that was counted.
local ending = redis.call('HEXISTS', KEYS[1], 'endRequested')
local reserved = ending == 1 and inherited or math.max(inherited, seq + tonumber(ARGV[1]))

redis.call('HSET', KEYS[2], 'epoch', string.format('%.0f', epoch), 'reserved', string.format('%.0f', reserved))
if state == 'waiting' then redis.call('HSET', KEYS[1], 'state', 'running', 'startedAt', nowText) end

return {
  epoch, stored('offset'), stored('line'), seq, inherited, reserved,
  stored('read'), stored('refused'), stored('filtered'), stored('emitted'), stored('recovered'), ending,
}
