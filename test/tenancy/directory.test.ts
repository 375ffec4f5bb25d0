import t from 'tap'
import { createDirectory } from '../../src/tenancy/directory.ts'
import type { FoundTenant, Locator } from '../../src/tenancy/read-tenant.ts'
import { scriptedNotifications } from './scripted-notifications.ts'

const site: FoundTenant = {
  id: '0196f0a0-0000-7000-8000-000000000001',
  slug: 'site',
  kind: 'site',
  status: 'active',
  version: 1,
  hosts: ['site.example'],
  canonicalHost: 'site.example',
}

/** A directory over one site, that counts its reads and lets a test hold them back. */
function arrange() {
  const reads: Locator[] = []
  const clock = { now: 1_000_000 }
  const state: { gate: Promise<void> | undefined; known: FoundTenant | undefined } = { gate: undefined, known: site }
  const notifications = scriptedNotifications()
  const read = async (locator: Locator) => {
    reads.push(locator)
    const seen = state.known
    await state.gate
    return 'host' in locator && !locator.host.includes('site') ? undefined : seen
  }
  return { directory: createDirectory({ read, notifications, now: () => clock.now }), notifications, reads, clock, state }
}

const host = { host: 'site.example' }

t.test('simultaneous look-ups share one read, and later ones are answered from memory at once', async (t) => {
  const { directory, reads } = arrange()
  const all = await Promise.all(Array.from({ length: 50 }, () => directory.find(host)))
  t.ok(all.every((found) => found === site))
  t.equal(reads.length, 1)
  t.equal(directory.find(host), site, 'no promise')
  t.equal(reads.length, 1)
})

t.test('host, slug and id are looked up apart', async (t) => {
  const { directory, reads } = arrange()
  for (const locator of [host, { slug: 'site' }, { id: site.id }, { slug: site.id }]) await directory.find(locator)
  t.equal(reads.length, 4)
})

t.test('a miss is kept, until any host or tenant changes', async (t) => {
  const { directory, reads, notifications } = arrange()
  t.equal(await directory.find({ host: 'nobody.example' }), undefined)
  t.equal(directory.find({ host: 'nobody.example' }), undefined, 'no promise')
  t.equal(reads.length, 1)
  for (const payload of ['h:other.example', 't:0196f0a0-0000-7000-8000-00000000000f']) {
    notifications.say(payload)
    await directory.find({ host: 'nobody.example' })
  }
  t.equal(reads.length, 3)
})

t.test('a failed read is not kept', async (t) => {
  const failing = { fail: true, reads: 0 }
  const read = async () => {
    failing.reads++
    if (failing.fail) throw new Error('the database is away')
    return site
  }
  const directory = createDirectory({ read, notifications: scriptedNotifications() })
  await t.rejects(async () => directory.find(host), /away/)
  failing.fail = false
  t.equal(await directory.find(host), site)
  t.equal(failing.reads, 2)
})

t.test('both hits and misses are bounded', async (t) => {
  const { directory, reads } = arrange()
  for (const kind of ['nobody', 'site']) {
    const first = { host: `${kind}-0.example` }
    for (let at = 0; at <= 20_000; at++) await directory.find({ host: `${kind}-${at}.example` })
    const before = reads.length
    await directory.find(first)
    t.equal(reads.length, before + 1, `the first ${kind} was dropped for the 20,001st`)
    await directory.find(first)
    t.equal(reads.length, before + 1, 'and is kept again')
  }
  await directory.find({ host: 'site-20000.example' })
  t.equal(reads.length, 40_004, 'hits are not pushed out by misses')
})

t.test('what no tenant can be called is neither read nor kept', async (t) => {
  const { directory, reads } = arrange()
  const odd = [
    { id: 'x'.repeat(11_000) },
    { id: site.id.toUpperCase() },
    { slug: 's'.repeat(64) },
    { slug: '' },
    { slug: '-a' },
    { host: 'h'.repeat(254) },
  ]
  for (const locator of odd) t.equal(directory.find(locator), undefined)
  t.equal(reads.length, 0)
  t.equal(await directory.find({ id: site.id }), site, 'its own id is')
})

t.test('a message about a tenant drops it however many others were met since', async (t) => {
  const { directory, reads, notifications, state } = arrange()
  await directory.find(host)
  for (let at = 1; at <= 20_000; at++) {
    state.known = { ...site, id: site.id.replace(/.{5}$/, String(at).padStart(5, '0')) }
    await directory.find({ host: `site-${at}.example` })
    directory.find(host)
  }
  state.known = site
  const before = reads.length
  notifications.say(`t:${site.id}`)
  await directory.find(host)
  t.equal(reads.length, before + 1)
})

t.test('a change of a tenant drops every way to it', async (t) => {
  const { directory, reads, notifications } = arrange()
  const locators = [host, { host: 'www.site.example' }, { slug: 'site' }, { id: site.id }]
  for (const locator of locators) await directory.find(locator)
  notifications.say('t:0196f0a0-0000-7000-8000-00000000000f')
  for (const locator of locators) t.equal(directory.find(locator), site, 'another tenant’s change drops none')
  notifications.say(`t:${site.id}`)
  for (const locator of locators) await directory.find(locator)
  t.equal(reads.length, 8)
})

t.test('a change of a host drops that host, also when its tenant has lost it', async (t) => {
  const { directory, reads, notifications } = arrange()
  await directory.find(host)
  await directory.find({ slug: 'site' })
  notifications.say('h:site.example')
  await directory.find(host)
  t.equal(directory.find({ slug: 'site' }), site)
  t.equal(reads.length, 3)
})

t.test('messages that are for others drop nothing', async (t) => {
  const { directory, reads, notifications } = arrange()
  await directory.find(host)
  for (const payload of ['', 't', `e:${site.id}`, site.id]) notifications.say(payload)
  t.equal(directory.find(host), site)
  t.equal(reads.length, 1)
})

t.test('what was on its way when something changed is handed out but not kept', async (t) => {
  for (const change of ['t:0196f0a0-0000-7000-8000-00000000000f', 'h:site.example', 'gap'] as const) {
    const { directory, reads, notifications, state } = arrange()
    const gate = Promise.withResolvers<void>()
    state.gate = gate.promise
    const early = directory.find(host)
    state.known = { ...site, version: 2 }
    if (change === 'gap') notifications.gap()
    else notifications.say(change)
    gate.resolve()
    t.equal((await early)?.version, 1)
    t.equal((await directory.find(host))?.version, 2, change)
    t.equal(reads.length, 2)
  }
})

t.test('who asks after a change does not share the look-up that began before it', async (t) => {
  const { directory, notifications, state } = arrange()
  const gate = Promise.withResolvers<void>()
  state.gate = gate.promise
  const early = directory.find(host)
  state.known = { ...site, status: 'suspended' }
  notifications.say(`t:${site.id}`)
  const late = directory.find(host)
  gate.resolve()
  t.equal((await early)?.status, 'active')
  t.equal((await late)?.status, 'suspended')
})

t.test('a gap drops everything', async (t) => {
  const { directory, reads, notifications } = arrange()
  await directory.find(host)
  await directory.find({ host: 'nobody.example' })
  notifications.gap()
  await directory.find(host)
  await directory.find({ host: 'nobody.example' })
  t.equal(reads.length, 4)
})

t.test('an answer lives five minutes, and one second while the listener is down', async (t) => {
  const { directory, reads, notifications, clock } = arrange()
  for (const locator of [host, { host: 'nobody.example' }]) {
    notifications.healthy = true
    await directory.find(locator)
    const before = reads.length
    clock.now += 299_999
    directory.find(locator)
    t.equal(reads.length, before)
    clock.now += 1
    await directory.find(locator)
    t.equal(reads.length, before + 1, 'after five minutes')
    notifications.healthy = false
    clock.now += 999
    directory.find(locator)
    t.equal(reads.length, before + 1)
    clock.now += 1
    await directory.find(locator)
    t.equal(reads.length, before + 2, 'after a second without a listener')
  }
})
