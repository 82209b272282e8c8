-- Removes the leases of shards that have left the stream: nothing can be read from them any more.
--
-- Invariant: a removed lease leaves nothing behind; a worker that holds it learns so from its next renewal.
--
-- KEYS owners epochs expiries checkpoints checkpoint_times parents lags loads moves handoffs
-- ARGV shard...
-- Returns those that had not been read to their end: what they still held is lost.

local unfinished = {}
for _, shard in ipairs(ARGV) do
  local checkpoint = redis.call('HGET', KEYS[4], shard)
  if checkpoint and checkpoint ~= 'SHARD_END' then table.insert(unfinished, shard) end
  for _, i in ipairs({ 1, 2, 4, 5, 6, 7, 8, 9, 10 }) do redis.call('HDEL', KEYS[i], shard) end
  redis.call('ZREM', KEYS[3], shard)
end
return unfinished
