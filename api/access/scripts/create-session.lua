-- Records a session. Invariant: a token has at most `limit` sessions, the newest; a session is gone with its key, and its
-- token's list names none that has ended before the newest one began.
--
-- KEYS  1 session  2 sessions of its token
-- ARGV  1 hash of its id  2 value  3 how long it lasts, ms  4 limit  5 what the keys of sessions begin with
-- Returns when it ends, epoch ms.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends = string.format('%.0f', now + ARGV[3])
redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ends)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now))
redis.call('ZADD', KEYS[2], ends, ARGV[1])
redis.call('PEXPIREAT', KEYS[2], ends)
local surplus = redis.call('ZRANGE', KEYS[2], 0, -1 - ARGV[4])
for _, id in ipairs(surplus) do redis.call('DEL', ARGV[5] .. id) end
if #surplus > 0 then redis.call('ZREM', KEYS[2], unpack(surplus)) end
return ends
