-- Writes the checkpoints of a worker's shards, each for itself.
--
-- Invariants: a checkpoint is accepted only from (owner, epoch); it only goes forward; nothing follows SHARD_END.
-- Sequence numbers have up to 128 digits and Lua's numbers hold 53 bits: they are compared by length, then as text.
--
-- KEYS owners epochs checkpoints checkpoint_times
-- ARGV worker { shard epoch sequenceNumber }...
-- Returns for each `accepted`, `behind` (the stored one is not smaller), `fenced` or `ended`.

local worker = ARGV[1]
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

local function is_number(text) return text and string.find(text, '^%d+$') ~= nil end

local function is_greater(a, b)
  a, b = string.gsub(a, '^0+', ''), string.gsub(b, '^0+', '')
  if #a ~= #b then return #a > #b end
  return a > b
end

local results = {}
for i = 2, #ARGV, 3 do
  local shard, epoch, sequence_number = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if not is_number(sequence_number) then
    return redis.error_reply('NOTANUMBER a checkpoint is a sequence number')
  end
  local stored = redis.call('HGET', KEYS[3], shard)
  local result
  if stored == 'SHARD_END' then
    result = 'ended'
  elseif redis.call('HGET', KEYS[1], shard) ~= worker or redis.call('HGET', KEYS[2], shard) ~= epoch then
    result = 'fenced'
  elseif is_number(stored) and not is_greater(sequence_number, stored) then
    result = 'behind'
  else
    redis.call('HSET', KEYS[3], shard, sequence_number)
    redis.call('HSET', KEYS[4], shard, now)
    result = 'accepted'
  end
  table.insert(results, result)
end
return results
