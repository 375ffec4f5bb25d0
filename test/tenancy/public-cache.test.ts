import t from 'tap'
import type { Tenant } from '../../src/tenancy/directory.ts'
import { createPublicCache, matchesEtag } from '../../src/tenancy/public-cache.ts'

const tenant: Tenant = {
  id: '0196f0a0-0000-7000-8000-000000000001',
  slug: 'site',
  kind: 'site',
  status: 'active',
  version: 1,
  hosts: ['site.example'],
  canonicalHost: 'site.example',
}

function counted(body = 'body') {
  const state = { loads: 0, load: async () => `${body}${state.loads++ === 0 ? '' : state.loads}` }
  return state
}

t.test('an answer is loaded once for a version, and handed out at once after that', async (t) => {
  const cache = createPublicCache(10_000)
  const source = counted()
  const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => cache.read(tenant, 'key', source.load)))
  t.ok(others.every((answer) => answer === first))
  t.equal(cache.read(tenant, 'key', source.load), first, 'no promise')
  t.equal(source.loads, 1)
})

t.test('another version, tenant or key is another answer', async (t) => {
  const cache = createPublicCache(10_000)
  const source = counted()
  const other = { ...tenant, id: '0196f0a0-0000-7000-8000-000000000002' }
  await cache.read(tenant, 'key', source.load)
  await cache.read({ ...tenant, version: 2 }, 'key', source.load)
  await cache.read(other, 'key', source.load)
  await cache.read(tenant, 'other', source.load)
  t.equal(source.loads, 4)
})

t.test('a load under way for one version is not shared with the next', async (t) => {
  const cache = createPublicCache(10_000)
  const gate = Promise.withResolvers<string>()
  const early = cache.read(tenant, 'key', () => gate.promise)
  const late = await cache.read({ ...tenant, version: 2 }, 'key', async () => 'new')
  gate.resolve('old')
  t.equal(late.bytes, 'new')
  t.equal((await early).bytes, 'old')
  t.equal((await cache.read({ ...tenant, version: 2 }, 'key', async () => 'newer')).bytes, 'new')
})

t.test('a failed load is told to all who wait and is not kept', async (t) => {
  const cache = createPublicCache(10_000)
  const failing = async () => {
    throw new Error('away')
  }
  const waiting = [cache.read(tenant, 'key', failing), cache.read(tenant, 'key', failing)]
  for (const answer of waiting) await t.rejects(Promise.resolve(answer), /away/)
  t.equal((await cache.read(tenant, 'key', async () => 'back')).bytes, 'back')
})

t.test('no more bytes are kept than allowed, oldest dropped first', async (t) => {
  const cache = createPublicCache(10_000)
  const source = counted('x'.repeat(1_000))
  for (let at = 0; at < 20; at++) await cache.read(tenant, `key ${at}`, source.load)
  t.equal(source.loads, 20)
  await cache.read(tenant, 'key 19', source.load)
  t.equal(source.loads, 20, 'the newest is kept')
  await cache.read(tenant, 'key 0', source.load)
  t.equal(source.loads, 21, 'the oldest is not')
  const large = counted('x'.repeat(20_000))
  for (let at = 0; at < 2; at++) await cache.read(tenant, 'large', large.load)
  t.equal(large.loads, 2, 'one that is larger than everything is answered and not kept')
  await cache.read(tenant, 'key 19', source.load)
  t.equal(source.loads, 21, 'and pushes nothing out')
})

t.test('bytes are counted as memory holds them, not as characters', async (t) => {
  const cache = createPublicCache(10_000)
  for (const characters of [1_400, 2_000]) {
    const wide = counted('語'.repeat(characters))
    for (let at = 0; at < 2; at++) await cache.read(tenant, `wide ${characters}`, wide.load)
    t.equal(wide.loads, 1, 'one is kept')
    for (let at = 0; at < 4; at++) await cache.read(tenant, `${at} ${characters}`, counted('語'.repeat(characters)).load)
    await cache.read(tenant, `wide ${characters}`, wide.load)
    t.equal(wide.loads, 2, `five of ${characters} characters are more than 10 kB`)
  }
})

t.test('0 bytes keep nothing, and simultaneous callers still share', async (t) => {
  const cache = createPublicCache(0)
  const source = counted()
  await Promise.all([cache.read(tenant, 'key', source.load), cache.read(tenant, 'key', source.load)])
  t.equal(source.loads, 1)
  await cache.read(tenant, 'key', source.load)
  t.equal(source.loads, 2)
})

t.test('the ETag follows the body, and nothing else', async (t) => {
  const cache = createPublicCache(10_000)
  const etag = async (version: number, body: string) => (await cache.read({ ...tenant, version }, 'key', async () => body)).etag
  const first = await etag(1, 'one')
  t.match(first, /^"[\w-]{22}"$/)
  t.equal(await etag(2, 'one'), first)
  t.not(await etag(3, 'two'), first)
})

t.test('If-None-Match matches weakly, in a list, and by an asterisk', async (t) => {
  for (const header of ['"a"', 'W/"a"', '*', '"b", "a"', '"b",W/"a"', ' "a" ']) t.equal(matchesEtag(header, '"a"'), true, header)
  for (const header of [undefined, '', 'a', '"b"', '"A"', 'w/"a"', '"a', '"b", "c"']) t.equal(matchesEtag(header, '"a"'), false, String(header))
})
