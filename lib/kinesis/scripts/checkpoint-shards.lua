-- Writes the checkpoints of a worker's shards, each for itself.
--
-- Invariants: a checkpoint is accepted only from (owner, epoch); it only goes forward; nothing follows SHARD_END.
-- Sequence numbers have up to 128 digits and Lua's numbers hold 53 bits: they are compared by length, then as text.
-- A whole record comes after each of its parts.
--
-- KEYS owners epochs checkpoints checkpoint_times
-- ARGV worker { shard epoch position(`sequenceNumber` or `sequenceNumber:subSequenceNumber`) }...
-- Returns for each `accepted`, `behind` (the stored one is not smaller), `fenced` or `ended`.

local worker = ARGV[1]
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

-- Nil for SHARD_END and the places to start from.
local function parse(position)
  if not position then return nil end
  local number, sub = string.match(position, '^0*(%d+):(%d+)$')
  if number then return { number = number, sub = tonumber(sub) } end
  number = string.match(position, '^0*(%d+)$')
  return number and { number = number, sub = math.huge }
end

local function is_after(a, b)
  if #a.number ~= #b.number then return #a.number > #b.number end
  if a.number ~= b.number then return a.number > b.number end
  return a.sub > b.sub
end

local results = {}
for i = 2, #ARGV, 3 do
  local shard, epoch, position = ARGV[i], ARGV[i + 1], parse(ARGV[i + 2])
  if not position then
    return redis.error_reply('NOTAPOSITION a checkpoint is the position of a record')
  end
  local stored = redis.call('HGET', KEYS[3], shard)
  local reached = parse(stored)
  local result
  if stored == 'SHARD_END' then
    result = 'ended'
  elseif redis.call('HGET', KEYS[1], shard) ~= worker or redis.call('HGET', KEYS[2], shard) ~= epoch then
    result = 'fenced'
  elseif reached and not is_after(position, reached) then
    result = 'behind'
  else
    redis.call('HSET', KEYS[3], shard, ARGV[i + 2])
    redis.call('HSET', KEYS[4], shard, now)
    result = 'accepted'
  end
  table.insert(results, result)
end
return results
