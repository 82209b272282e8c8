-- Gives out rows of a feed's rate to one of its runners. Invariant: over any time, all runners together are given no more
-- rows than are due in it, plus those of the burst. What is kept is the moment up to which what was due is given out.
--
-- KEYS  1 bucket of the feed at this rate
-- ARGV  1 rows in a second  2 how many are wanted at most  3 burst: of a time in which nobody asked, so many ms are
--       made up for
-- Returns { rows given, ms until the next one is due, as text: negative when it has been due for so long }.

local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local perRow = 1000 / tonumber(ARGV[1])
local burst = math.max(tonumber(ARGV[3]), perRow)
local upTo = math.max(tonumber(redis.call('GET', KEYS[1]) or now - perRow), now - burst)
-- The small fraction makes up for what division and multiplication lose.
local given = math.min(math.floor((now - upTo) / perRow + 1e-6), tonumber(ARGV[2]))
upTo = upTo + given * perRow
redis.call('SET', KEYS[1], string.format('%.3f', upTo), 'PX', string.format('%.0f', 2 * burst + 1000))
return { given, string.format('%.3f', upTo + perRow - now) }
