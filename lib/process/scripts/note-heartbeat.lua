-- Notes that a worker has been heard of.
--
-- Invariant: the index is ordered and trimmed by the server's clock alone, so that a worker whose own clock is wrong
-- hides neither itself nor others.
--
-- KEYS index
-- ARGV worker keepSeconds

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[2] * 1000))
