-- Folds minutes of one feed into the hour that they are in.
--
-- Invariant: a minute is folded once: it leaves the index with its hash. From then on `folded_before` keeps late
-- deliveries from making it anew.
--
-- KEYS received minutes hours hour minute...
-- ARGV hourTtlSeconds hour oldestHour foldedBefore minute...
-- Returns how many were folded.

local folded = 0
for i = 5, #ARGV do
  local key = KEYS[i]
  if redis.call('ZREM', KEYS[2], ARGV[i]) == 1 then
    folded = folded + 1
    local flat = redis.call('HGETALL', key)
    local counts = {}
    for j = 1, #flat, 2 do counts[flat[j]] = tonumber(flat[j + 1]) end
    for field, count in pairs(counts) do
      local kind, cell = string.match(field, '^(%a+):(.*)$')
      if kind == 'final' or not counts['final:' .. cell] then redis.call('HINCRBY', KEYS[4], cell, count) end
    end
    redis.call('DEL', key)
  end
end
if folded > 0 then
  redis.call('EXPIRE', KEYS[4], ARGV[1])
  redis.call('ZADD', KEYS[3], ARGV[2], ARGV[2])
  redis.call('EXPIRE', KEYS[3], ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[3])
local before = tonumber(redis.call('HGET', KEYS[1], 'folded_before') or 0)
if tonumber(ARGV[4]) > before then redis.call('HSET', KEYS[1], 'folded_before', ARGV[4]) end
return folded
