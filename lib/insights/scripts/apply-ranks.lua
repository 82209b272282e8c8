-- Takes over ranks of one ranking of one feed.
--
-- Invariant: the hash holds ranks of one window, the newest that has come. The first rank of a newer window removes all
-- of the former one, so a shorter list leaves nothing behind; a rank of an older window changes nothing. Ranks of a
-- window may come in any order, in several calls, and again.
--
-- KEYS ranking
-- ARGV ttlSeconds { windowStart windowEnd rank json }...

local newest = tonumber(redis.call('HGET', KEYS[1], 'window_end') or -1)

for i = 2, #ARGV, 4 do
  local window_end = tonumber(ARGV[i + 1])
  if window_end > newest then
    newest = window_end
    redis.call('DEL', KEYS[1])
    redis.call('HSET', KEYS[1], 'window_start', ARGV[i], 'window_end', ARGV[i + 1])
  end
  if window_end == newest then redis.call('HSET', KEYS[1], ARGV[i + 2], ARGV[i + 3]) end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
