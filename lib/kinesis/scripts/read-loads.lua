-- What the leases are balanced by: who is there, who owns what, and what each lease carries.
--
-- Invariant: reads only. A lease whose handoff is under way counts for its heir, so that no second move is planned for it.
--
-- KEYS owners expiries loads moves handoffs workers worker_loads
-- Returns { now ms, { worker, `utilization joinedAt`, ... }, { shard, owner, bytesPerSecond, movedAt or 0, 1 if moving, ... } }

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function to_table(flat)
  local result = {}
  for i = 1, #flat, 2 do result[flat[i]] = flat[i + 1] end
  return result
end

local expiries = to_table(redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES'))
local loads = to_table(redis.call('HGETALL', KEYS[3]))
local moves = to_table(redis.call('HGETALL', KEYS[4]))
local handoffs = to_table(redis.call('HGETALL', KEYS[5]))
local worker_loads = to_table(redis.call('HGETALL', KEYS[7]))

local workers = {}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[6], '(' .. string.format('%.0f', now), '+inf')) do
  table.insert(workers, name)
  table.insert(workers, worker_loads[name] or '0 0')
end

local leases = {}
local owners = redis.call('HGETALL', KEYS[1])
for i = 1, #owners, 2 do
  local shard, owner = owners[i], owners[i + 1]
  if tonumber(expiries[shard] or 0) > now then
    local heir = handoffs[shard] and string.match(handoffs[shard], '^%d+ (.*)$')
    for _, field in ipairs({ shard, heir or owner, loads[shard] or '0', moves[shard] or '0', heir and '1' or '0' }) do
      table.insert(leases, field)
    end
  end
end
return { string.format('%.0f', now), workers, leases }
