import { createHash } from 'node:crypto'

/** Lua that Redis runs as one: nothing comes in between. `KEYS[1]` is the counter; the first argument is the time, or empty for Redis's own. */
export interface Script {
  text: string
  /** What Redis knows it by once it has seen it. */
  sha: string
}

// Copies whose clocks differ share Redis's. Tests bring one of their own.
const clock = `
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end`

/** Arguments: limit, window. Answers 0, or the milliseconds that the window still lasts. */
export const takeScript = script(`${clock}
local ends = tonumber(redis.call('HGET', KEYS[1], 'ends') or 0)
if ends <= now then
  redis.call('HSET', KEYS[1], 'used', 1, 'ends', now + tonumber(ARGV[3]))
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 0
end
local used = redis.call('HINCRBY', KEYS[1], 'used', 1)
return used > tonumber(ARGV[2]) and ends - now or 0`)

/** Arguments: an id for this failure, forgetMs, delays. Answers the wait, the failures in a row, their series, and the wait's end of before. */
export const failScript = script(`${clock}
local known = redis.call('HMGET', KEYS[1], 'failures', 'last', 'until', 'series')
local failures, last, ends, series = tonumber(known[1] or 0), tonumber(known[2] or 0), tonumber(known[3] or 0), known[4]
if ends > now then return { ends - now, 0, '', 0 } end
if not series or now - math.max(last, ends) >= tonumber(ARGV[3]) then failures, series = 0, ARGV[2] end
failures = failures + 1
local delay = tonumber(ARGV[3 + math.min(failures, #ARGV - 3)])
redis.call('HSET', KEYS[1], 'failures', failures, 'last', now, 'until', now + delay, 'series', series, 'latest', ARGV[2])
redis.call('PEXPIRE', KEYS[1], delay + tonumber(ARGV[3]))
return { 0, failures, series, ends }`)

/** Arguments: the failure's id, its series, the wait's end of before. */
export const takeBackScript = script(`
local known = redis.call('HMGET', KEYS[1], 'series', 'latest')
if known[1] ~= ARGV[3] then return 0 end
redis.call('HINCRBY', KEYS[1], 'failures', -1)
if known[2] == ARGV[2] then redis.call('HSET', KEYS[1], 'until', ARGV[4]) end
return 1`)

export const waitScript = script(`${clock}
return math.max(0, tonumber(redis.call('HGET', KEYS[1], 'until') or 0) - now)`)

export const clearScript = script(`return redis.call('DEL', KEYS[1])`)

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}
