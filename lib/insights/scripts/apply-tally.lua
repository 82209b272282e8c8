-- Keeps the greatest tally of one feed.
--
-- Invariant: `in` never goes back; among tallies of the same `in`, the later watermark wins.
--
-- KEYS tally
-- ARGV ttlSeconds in watermark json
-- Returns 1 when it was taken.

local count, watermark = tonumber(ARGV[2]), tonumber(ARGV[3])
local stored = redis.call('HMGET', KEYS[1], 'in', 'watermark')
local stored_count, stored_watermark = tonumber(stored[1] or -1), tonumber(stored[2] or -1)
if count < stored_count or (count == stored_count and watermark <= stored_watermark) then return 0 end
redis.call('HSET', KEYS[1], 'in', ARGV[2], 'watermark', ARGV[3], 'json', ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
