import t from 'tap'
import type { hostFindings } from '../../src/hosts/host-findings.ts'
import { proofName, proofValue } from '../../src/hosts/host-records.ts'
import { asOwner } from '../../src/tenancy/lifecycle.ts'
import { readTenant } from '../../src/tenancy/read-tenant.ts'
import { arrangeHosts, target } from './arrange.ts'

const hub = await arrangeHosts(t)
const { data, zone, server, owner, one, other, add, read, verify, publish, age, events } = hub
const database = data.open()
const host = 'www.camara.example'

t.beforeEach(async () => {
  zone.clear()
  zone.set(target, { a: ['192.0.2.80'] })
  await data.owner.query('delete from hosts where host not in ($1, $2)', [one.host, other.host])
  await data.owner.query('update hosts set canonical = true')
  await data.owner.query('delete from audit_events')
})

t.test('a host is claimed, not served, proven by its TXT record, and served from then on', async (t) => {
  const claimed = await add({ slug: 'one', host: 'WWW.Camara.example.' })
  t.match(claimed, { host, status: 'pending', canonical: false, provenAt: null })
  t.equal(await readTenant(database, { host }), undefined)
  t.match(await verify('one', host), { state: 'pending', check: { finding: 'proof-missing', points: false } })
  t.equal(await readTenant(database, { host }), undefined)
  await publish(host, ['one'])
  t.match(await verify('one', host), { state: 'serving', check: { proof: 'ok', points: true, finding: 'all-well' } })
  t.equal((await readTenant(database, { host }))?.id, one.id)
  t.equal((await read('one', one.host)).canonical, true, 'the canonical host stays')
  t.same(await events(one), [
    ['host.added', host, { asserted: false }],
    ['host.proven', host, {}],
  ])
})

t.test('each fault of the proof has its own finding, and shows what is there instead', async (t) => {
  const { token } = await add({ slug: 'one', host })
  const [name, value] = [proofName(host), proofValue(token ?? '')]
  const cases: [finding: keyof typeof hostFindings, set: () => void, found?: string[]][] = [
    ['proof-missing', () => {}],
    ['proof-other', () => zone.set(name, { txt: ['tenantry-host=other', 'bad \u0007 text'] }), ['tenantry-host=other', 'bad ? text']],
    ['proof-other', () => zone.set(name, { txt: [value.slice(0, -1)] })],
    ['proof-other', () => zone.set(name, { txt: [value.toUpperCase()] })],
    ['proof-name-doubled', () => zone.set(`${name}.camara.example`, { txt: [value] })],
    ['proof-name-doubled', () => zone.set(`${name}.${host}`, { txt: [value] })],
    ['proof-at-host', () => zone.set(host, { txt: [value] })],
    ['proof-unreachable', () => zone.set(name, { fails: 'servfail' })],
  ]
  for (const [finding, set, found] of cases) {
    zone.clear()
    set()
    const { check, row } = await verify('one', host)
    t.equal(check.finding, finding)
    t.equal(row.finding, finding, 'and it is kept')
    t.equal(row.status, 'pending')
    if (found) t.same(check.found, found)
  }
  zone.set(name, { txt: ['v=spf1 -all', value] })
  t.equal((await verify('one', host)).row.status, 'verified', 'control: among other records')
})

t.test('a host leads here by alias, by a chain of them, by the platform’s own name for it, and by address', async (t) => {
  await add({ slug: 'one', host })
  const ways: [string, () => void][] = [
    ['alias', () => zone.set(host, { cname: target })],
    ['chain', () => zone.set(host, { cname: 'a.example' }).set('a.example', { cname: 'b.example' }).set('b.example', { cname: target })],
    ['wildcard', () => zone.set(host, { cname: 'x1.apps.example' })],
    ['address', () => zone.set(host, { a: ['192.0.2.80'] })],
    ['address at the end of a chain', () => zone.set(host, { cname: 'c.example' }).set('c.example', { a: ['192.0.2.80'] })],
  ]
  for (const [way, set] of ways) {
    zone.clear()
    zone.set(target, { a: ['192.0.2.80'] })
    set()
    t.match((await verify('one', host)).check, { points: true, finding: 'proof-missing' }, way)
  }
  zone.set(target, { a: ['198.51.100.7'], aaaa: ['2001:db8:0::7'] })
  for (const records of [{ a: ['198.51.100.7'] }, { aaaa: ['2001:0db8::0007'] }]) {
    zone.set(host, records)
    t.equal((await verify('one', host)).check.points, true, 'an address that our name has now')
  }
})

t.test('a host that leads elsewhere, nowhere, in part, in circles or on and on is told so, and is proven all the same', async (t) => {
  await add({ slug: 'one', host })
  const cases: [finding: keyof typeof hostFindings, set: () => void, found: string[]][] = [
    ['points-elsewhere', () => zone.set(host, { cname: 'old.example' }).set('old.example', { a: ['203.0.113.5'] }), ['old.example', '203.0.113.5']],
    ['points-elsewhere', () => zone.set(host, { a: ['203.0.113.5'] }), ['203.0.113.5']],
    [
      'points-elsewhere',
      () => zone.set(host, { cname: 'a.b.apps.example' }).set('a.b.apps.example', { a: ['203.0.113.9'] }),
      ['a.b.apps.example', '203.0.113.9'],
    ],
    ['points-nowhere', () => zone.delete(host), []],
    ['points-nowhere', () => zone.set(host, { cname: 'gone.example' }), ['gone.example']],
    ['points-in-circles', () => zone.set(host, { cname: 'a.example' }).set('a.example', { cname: host }), ['a.example', host]],
    ['points-in-circles', () => zone.set(host, { cname: host }), [host]],
    ['points-unreachable', () => zone.set(host, { fails: 'servfail' }), []],
  ]
  for (const [finding, set, found] of cases) {
    await publish(host, ['one'])
    set()
    const { state, check } = await verify('one', host)
    t.match(check, { proof: 'ok', finding, found })
    t.equal(state, 'proven', finding)
  }
  for (let at = 0; at < 40; at++) zone.set(at === 0 ? host : `c${at}.example`, { cname: `c${at + 1}.example` })
  server.asked.length = 0
  t.match(await verify('one', host), { state: 'proven', check: { finding: 'points-in-circles' } })
  t.ok(server.asked.length < 20, 'nobody is sent on for ever')
  zone.set(host, { a: ['192.0.2.80', '203.0.113.5'] })
  t.match(await verify('one', host), { state: 'serving', check: { finding: 'points-partly', found: ['192.0.2.80', '203.0.113.5'] } })
  zone.set(host, { a: ['203.0.113.5'] })
  t.match(await verify('one', host), { state: 'failing', row: { status: 'verified' } }, 'it led here before')
})

t.test('claims that nobody proved stand in nobody’s way; what is proven is kept while its proof stands', async (t) => {
  await add({ slug: 'one', host })
  await add({ slug: 'other', host })
  await publish(host, ['other'])
  t.equal((await verify('one', host)).check.finding, 'proof-other', 'the other’s token proves nothing')
  t.equal((await verify('other', host)).state, 'serving')
  await publish(host, ['one', 'other'])
  t.match(await verify('one', host), {
    state: 'pending',
    holder: 'other',
    check: { finding: 'proof-held', found: ['site other'] },
    row: { finding: 'proof-held' },
  })
  t.equal((await readTenant(database, { host }))?.id, other.id)
  await publish(host, ['one'])
  const taken = await verify('one', host)
  t.match(taken, { state: 'serving', holder: undefined })
  t.equal((await readTenant(database, { host }))?.id, one.id, 'who runs the domain has decided')
  t.equal((await verify('other', host)).state, 'released')
  t.match((await events(other)).at(-1), ['host.released', host, { why: 'proven-elsewhere' }])
  t.match((await events(one)).at(-1), ['host.proven', host, {}])
})

t.test('an operator’s word is served at once, and no proof takes it over', async (t) => {
  await add({ slug: 'one', host, proven: true })
  t.equal((await readTenant(database, { host }))?.id, one.id)
  t.match(await verify('one', host), { state: 'proven', check: { proof: 'unasked', finding: 'proof-unasked' } })
  await add({ slug: 'other', host })
  await publish(host, ['other'])
  t.match(await verify('other', host), { state: 'pending', holder: 'one' })
  await t.rejects(
    add({ slug: 'other', host, proven: true }),
    /is served for the site "one"\. "tenantry host remove one www.camara.example" frees it\./,
  )
  await publish(host, ['one', 'other'])
  t.match(await verify('one', host), { state: 'serving', check: { finding: 'all-well' }, row: { provenAt: /./ } }, 'it can be proven later')
})

t.test(
  'what a deleted site holds, by an operator’s word or by its own proof, it yields to a proof, and finds it released where it is restored',
  async (t) => {
    for (const proven of [true, false]) {
      const name = proven ? 'word.camara.example' : host
      await add({ slug: 'one', host: name, proven })
      await publish(name, ['one'])
      if (!proven) await verify('one', name)
      await add({ slug: 'other', host: name })
      await publish(name, ['one', 'other'])
      t.match(await verify('other', name), { state: 'pending', holder: 'one' }, 'control: while it is not deleted')
      await data.owner.query(`update tenants set status = 'deleted' where slug = 'one'`)
      await t.rejects(
        add({ slug: 'other', host: name, proven: true }),
        `"${name}" is kept for the site "one", which is deleted. "tenantry host remove one ${name}" frees it.`,
      )
      t.match(await verify('other', name), { state: 'serving', holder: undefined })
      t.equal((await readTenant(database, { host: name }))?.id, other.id)
      t.match((await events(one)).at(-1), ['host.released', name, { why: 'proven-elsewhere' }])
      await data.owner.query(`update tenants set status = 'active' where slug = 'one'`)
      t.match(await verify('one', name), { state: 'released', holder: 'other', check: { finding: 'proof-held' } })
    }
  },
)

t.test('of two sites that prove one host at the same moment one gets it, and nobody gets an error', async (t) => {
  for (let round = 0; round < 5; round++) {
    const name = `www${round}.camara.example`
    await Promise.all(['one', 'other'].map((slug) => asOwner(data.url, (own) => add({ slug, host: name }, own))))
    await publish(name, ['one', 'other'])
    const both = await Promise.all(['one', 'other'].map((slug) => asOwner(data.url, (own) => verify(slug, name, own))))
    t.same(both.map(({ row }) => row.status).sort(), ['pending', 'verified'])
    t.equal(both.filter(({ holder }) => holder !== undefined).length, 1)
  }
})

t.test('a host without its proof fails, is served on, and is released after three answers and three days; it returns by its proof', async (t) => {
  await add({ slug: 'one', host })
  await publish(host, ['one'])
  await verify('one', host)
  zone.delete(proofName(host))
  for (let look = 0; look < 5; look++) t.equal((await verify('one', host)).state, 'failing', 'on one day, however often')
  t.equal((await readTenant(database, { host }))?.id, one.id)
  await age(host, 2)
  t.equal((await verify('one', host)).state, 'failing')
  await age(host, 1)
  t.equal((await verify('one', host)).state, 'released')
  t.equal(await readTenant(database, { host }), undefined)
  t.match((await events(one)).at(-1), ['host.released', host, { why: 'proof-failed' }])
  await publish(host, ['one'])
  t.equal((await verify('one', host)).state, 'serving')
  t.equal((await readTenant(database, { host }))?.id, one.id)
})

t.test('a proof that is back in time makes all good again', async (t) => {
  await add({ slug: 'one', host })
  await publish(host, ['one'])
  await verify('one', host)
  zone.delete(proofName(host))
  await verify('one', host)
  await age(host, 30)
  await publish(host, ['one'])
  t.match(await verify('one', host), { state: 'serving', row: { failures: 0, failingSince: null, finding: 'all-well' } })
})

t.test('silence of the name servers releases after a month only', async (t) => {
  await add({ slug: 'one', host })
  await publish(host, ['one'])
  await verify('one', host)
  zone.set(proofName(host), { fails: 'servfail' })
  for (let look = 0; look < 5; look++) await verify('one', host)
  await age(host, 28)
  t.match(await verify('one', host), { state: 'failing', row: { failures: 0, status: 'verified' } })
  await age(host, 2)
  t.equal((await verify('one', host)).state, 'released')
  t.match((await events(one)).at(-1), ['host.released', host, { why: 'unreachable' }])
})

t.test('silence that lasts for days does not make three looks of one minute into three days of answers', async (t) => {
  await add({ slug: 'one', host })
  await publish(host, ['one'])
  await verify('one', host)
  zone.set(proofName(host), { fails: 'servfail' })
  await verify('one', host)
  await age(host, 4)
  zone.delete(proofName(host))
  for (let look = 0; look < 4; look++) t.match(await verify('one', host), { state: 'failing', row: { failures: 1 } })
  for (const failures of [2, 3]) {
    await age(host, 1)
    t.match(await verify('one', host), { state: 'failing', row: { failures } }, 'one a day')
  }
  await age(host, 1)
  t.equal((await verify('one', host)).state, 'released', 'control: three days of answers')
})

t.test('silence before a time in which nobody looked says nothing of that time', async (t) => {
  await add({ slug: 'one', host })
  await publish(host, ['one'])
  await verify('one', host)
  zone.set(proofName(host), { fails: 'servfail' })
  await verify('one', host)
  await age(host, 40)
  await data.owner.query(`update hosts set checked_at = checked_at - interval '40 days' where host = $1`, [host])
  t.equal((await verify('one', host)).state, 'failing')
  await age(host, 30)
  t.equal((await verify('one', host)).state, 'released', 'control: looked at meanwhile')
})

t.test(
  'a released canonical host hands its place to a sound one of the site; a site whose only host goes is unknown, until it is proven again',
  async (t) => {
    const [canonical, alias] = ['camara.example', 'alias.camara.example']
    await data.owner.query('delete from hosts where tenant_id = $1', [one.id])
    for (const name of [canonical, alias]) {
      await add({ slug: 'one', host: name })
      await publish(name, ['one'])
      await verify('one', name)
    }
    t.match(await read('one', canonical), { canonical: true }, 'the first is canonical')
    const release = async (name: string) => {
      zone.delete(proofName(name))
      for (let look = 0; look < 3; look++) {
        t.equal((await verify('one', name)).state, 'failing')
        await age(name, 1)
      }
      t.equal((await verify('one', name)).state, 'released')
    }
    await release(canonical)
    t.equal((await readTenant(database, { slug: 'one' }))?.canonicalHost, alias)
    t.match((await events(one)).at(-1), ['host.became-canonical', alias, {}])
    await release(alias)
    t.equal(await readTenant(database, { slug: 'one' }), undefined)
    await publish(canonical, ['one'])
    await verify('one', canonical)
    t.equal((await readTenant(database, { slug: 'one' }))?.canonicalHost, canonical)
    await data.owner.query(`insert into hosts (tenant_id, host, status, canonical) values ($1, $2, 'verified', false)`, [one.id, one.host])
  },
)

t.test('a look that changes nothing moves no version', async (t) => {
  const version = async () => (await data.owner.query('select version::int from tenants where id = $1', [one.id])).rows[0].version
  await add({ slug: 'one', host })
  await publish(host, ['one'])
  const before = await version()
  await verify('one', host)
  const served = await version()
  t.ok(served > before, 'control: what changes what the public sees does')
  await verify('one', host)
  zone.delete(proofName(host))
  await verify('one', host)
  t.equal(await version(), served)
  t.match(await read('one', host), { failures: 1 }, 'control: it was written down')
})

t.test('a host of before, without a token, is served by an operator’s word and gets one at the first look', async (t) => {
  t.match(await read('one', one.host), { token: null })
  const { row, check } = await verify('one', one.host)
  t.match(check, { proof: 'unasked' })
  t.match(row, { token: /^[\w-]{43}$/, status: 'verified', failures: 0 })
  t.equal((await verify('one', one.host)).row.token, row.token, 'which stays')
})

t.teardown(() => owner.end())
