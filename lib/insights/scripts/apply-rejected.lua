-- Counts records of one feed that Flink rejected, and marks their receipts.
--
-- Invariant: a record is counted once, however often it comes: by its seq, or by its id where it has none.
--
-- KEYS receipt ids received rejected
-- ARGV ttlSeconds maxListed maxIds { seq(or empty) id json }...
-- Returns how many were new.

local ttl, max_listed, max_ids = ARGV[1], ARGV[2], tonumber(ARGV[3])
local time = redis.call('TIME')

local function is_new(seq, id)
  if seq ~= '' then return redis.call('SETBIT', KEYS[1], seq, 1) == 0 end
  return redis.call('ZADD', KEYS[2], 'NX', time[1], id) == 1
end

local new = 0
for i = 4, #ARGV, 3 do
  if is_new(ARGV[i], ARGV[i + 1]) then
    new = new + 1
    redis.call('XADD', KEYS[4], 'MAXLEN', '~', max_listed, '*', 'json', ARGV[i + 2])
  end
end
if new == 0 then return 0 end

redis.call('HINCRBY', KEYS[3], 'rejected', new)
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -(max_ids + 1))
for i = 1, 4 do redis.call('EXPIRE', KEYS[i], ttl) end
return new
