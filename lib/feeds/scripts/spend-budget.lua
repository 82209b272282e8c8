-- Books what a replay has put on the stream, and says how long it waits before it goes on. Invariant: over any time, all
-- replays together spend no more than was earned in it, plus the burst. The generic cell rate algorithm (ITU-T I.371):
-- what is kept is the moment by which everything that was spent will have been earned.
--
-- KEYS  1 budget
-- ARGV  1 cost  2 earned in a millisecond, in the same unit  3 burst: so many ms may be spent in advance
-- Returns ms to wait, as text.

local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local covered = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + ARGV[1] / ARGV[2]
redis.call('SET', KEYS[1], string.format('%.3f', covered), 'PX', string.format('%.0f', covered - now + 1000))
return string.format('%.0f', math.max(0, covered - now - ARGV[3]))
