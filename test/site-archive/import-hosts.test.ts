import { type Test, test } from 'tap'
import { hostPolicyOf } from '../../src/cli/site-archive/host-policy.ts'
import { loadConfig } from '../../src/config.ts'
import { inHostTurn } from '../../src/hosts/host-turn.ts'
import { connect } from '../database.ts'
import { eventually } from '../eventually.ts'
import { addFullSite, createHub, type Hub } from './hub.ts'

const hostPolicy = hostPolicyOf({
  ...loadConfig({
    TENANT_RESOLVERS: 'subdomain,host,origin',
    TENANT_BASE_DOMAIN: 'base.example',
    TENANT_API_HOSTS: 'api.hub.example',
    HOST_TARGETS: 'sites.hub.example',
  }),
  production: true,
})

/** Of cecab, with these hosts proven and claimed beside its own. */
async function archiveWith(t: Test, { proven = [], claimed = [] }: { proven?: string[]; claimed?: string[] } = {}): Promise<Buffer> {
  const hub = await createHub(t)
  const { id } = await addFullSite(hub, 'cecab')
  await hub.data.owner.query(`insert into hosts (tenant_id, host, status) select $1, host, 'verified' from unnest($2::text[]) host`, [id, proven])
  await hub.data.owner.query(`insert into hosts (tenant_id, host) select $1, host from unnest($2::text[]) host`, [id, claimed])
  return (await hub.export('cecab')).archive
}

async function hostsOf({ data }: Hub, slug = 'cecab'): Promise<string[]> {
  const { rows } = await data.owner.query(
    'select h.host, h.status, canonical from hosts h join tenants t on t.id = tenant_id where slug = $1 order by h.host',
    [slug],
  )
  return rows.map(({ host, status, canonical }) => [host, status, canonical].join(' '))
}

test('hosts come as claims; --hosts-proven believes the archive, and --host an operator', async (t) => {
  const archive = await archiveWith(t)
  const hosts = async (wish: object) => {
    const hub = await createHub(t)
    await hub.import(archive, wish, { hostPolicy })
    return hostsOf(hub)
  }
  t.same(await hosts({}), ['cecab.example pending false', 'claimed.cecab.example pending false'])
  t.same(await hosts({ hostsProven: true }), ['cecab.example verified true', 'claimed.cecab.example pending false'])
  t.same(await hosts({ hosts: ['New.example.'], hostsProven: true }), [
    'cecab.example verified false',
    'claimed.cecab.example pending false',
    'new.example verified true',
  ])
})

test('an archive gives a site no host that "tenantry host add" would not give it', async (t) => {
  const names = ['a..b', 'api.hub.example', 'intranet', 'other.base.example', 'printer.lan', 'sites.hub.example', 'console.example', 'taken.example']
  const archive = await archiveWith(t, { proven: names })
  const hub = await createHub(t)
  const console = await hub.data.addTenant({ slug: 'console', host: 'console.example' })
  await hub.data.owner.query(`update tenants set kind = 'platform' where id = $1`, [console.id])
  await hub.data.owner.query('insert into hosts (tenant_id, host) values ($1, $2)', [console.id, 'next.console.example'])
  await hub.data.addTenant({ slug: 'taken', host: 'taken.example' })
  const reasons = {
    'a..b': /"a\.\.b" is no host name/,
    'api.hub.example': /TENANT_API_HOSTS/,
    intranet: /single label/,
    'other.base.example': /TENANT_BASE_DOMAIN/,
    'printer.lan': /private network/,
    '10.0.0.1': /is no host name/,
    'www.example:8443': /is no host name/,
    'console.example': /"console\.example" is a host of the console/,
    'next.console.example': /is a host of the console/,
    'taken.example': /"taken\.example" is proven by another site/,
  }
  for (const [host, line] of Object.entries(reasons)) await t.rejects(hub.import(archive, { hosts: [host] }, { hostPolicy }), { message: line }, host)
  await t.rejects(hub.import(archive, { hostsProven: true }, { hostPolicy }), {
    message: /"api\.hub\.example" is one of TENANT_API_HOSTS, which all sites share\. The archive has it: leave out --hosts-proven\./,
  })
  t.same(await hostsOf(hub), [], 'nothing was written')
  const { leftOut } = await hub.import(archive, { hosts: ['sites.hub.example'] }, { hostPolicy })
  t.same(
    leftOut.map(({ host }) => host).sort(),
    names.filter((name) => name !== 'sites.hub.example').sort(),
    'claims that cannot be made are left out',
  )
  for (const { host, why } of leftOut) t.match(why, Reflect.get(reasons, host), host)
  t.same(await hostsOf(hub), ['cecab.example pending false', 'claimed.cecab.example pending false', 'sites.hub.example verified true'])
})

test('twenty claims come along and no more, the others are told', async (t) => {
  const archive = await archiveWith(t, { claimed: Array.from({ length: 25 }, (_, at) => `h${at}.example`) })
  const hub = await createHub(t)
  const { leftOut } = await hub.import(archive, { hosts: ['new.example'] }, { hostPolicy })
  t.equal(leftOut.length, 7)
  t.match(leftOut, [{ why: /would be one more than the 20 that may wait for their proof/ }])
  t.equal((await hostsOf(hub)).filter((host) => host.includes('pending')).length, 20)
})

test('each has a token of its own to prove it by, and the log tells by whose word it came', async (t) => {
  const [archive, hub] = [await archiveWith(t, { proven: ['www.cecab.example'] }), await createHub(t)]
  const { tenantId } = await hub.import(archive, { hostsProven: true }, { hostPolicy })
  const { rows: tokens } = await hub.data.owner.query('select token from hosts where tenant_id = $1 and length(token) > 20', [tenantId])
  t.equal(new Set(tokens.map(({ token }) => token)).size, 3)
  const { rows } = await hub.data.owner.query(
    `select action, target, details ->> 'asserted' as asserted from audit_events where tenant_id = $1 and target_kind = 'host' order by target, action`,
    [tenantId],
  )
  t.same(
    rows.map(({ action, target, asserted }) => `${target} ${action} ${asserted}`),
    [
      'cecab.example host.added true',
      'cecab.example host.became-canonical null',
      'cecab.example host.proven true',
      'claimed.cecab.example host.added false',
      'www.cecab.example host.added true',
      'www.cecab.example host.proven true',
    ],
  )
})

test('a host that becomes another site’s while the import waits for its turn is refused in one line', async (t) => {
  const [archive, hub] = [await archiveWith(t), await createHub(t)]
  const [owner, other] = [await connect(t, hub.data.url), await hub.data.addTenant({ slug: 'other', host: 'other.example' })]
  let importing: Promise<unknown> = Promise.resolve()
  await inHostTurn(owner, 'cecab.example', async () => {
    importing = hub.import(archive, { hosts: ['cecab.example'] }, { hostPolicy }).catch((error) => error)
    const waits = `select from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`
    await eventually(t, 'the import waits', async () => (await hub.data.owner.query(waits)).rowCount === 1, 10_000)
    await owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'cecab.example', 'verified')`, [other.id])
  })
  t.match(await importing, { message: '"cecab.example" became another site\'s while this was imported. Nothing was imported.' })
  t.same(await hostsOf(hub), [])
})
