import t from 'tap'
import { proofName, proofValue } from '../../src/hosts/host-records.ts'
import { createTestDatabase } from '../database.ts'
import { startDns } from '../dns-server.ts'
import { runTenantry } from './run-tenantry.ts'

const data = await createTestDatabase(t)
const { zone, address } = await startDns(t)
const site = await data.addTenant({ slug: 'camara-mezochi', host: 'camara.hub.example' })
await data.addTenant({ slug: 'cecab', host: 'cecab.hub.example' })
const env = { DATABASE_URL: data.url, HOST_TARGETS: 'sites.hub.example,192.0.2.80,2001:db8::80', DNS_SERVERS: address }
const run = (...args: string[]) => runTenantry(['host', ...args], env)
const json = async (...args: string[]) => {
  const { out, code } = await run(...args, '--json')
  return { code, value: JSON.parse(out) }
}
const host = 'www.camara.example'
zone.set('sites.hub.example', { a: ['192.0.2.80'] })

t.test('host add shows which records to set, verify says what is wrong and then serves, list shows all', async (t) => {
  const added = await run('add', 'camara-mezochi', host)
  t.match(added, { code: 0, err: '' })
  const token = (await data.owner.query('select token from hosts where host = $1', [host])).rows[0].token
  t.equal(
    added.out,
    `${host} (camara-mezochi): pending
  At the DNS of the domain:
    TXT    _tenantry.${host}  tenantry-host=${token}
    CNAME  ${host}  sites.hub.example
    A      ${host}  192.0.2.80
    AAAA   ${host}  2001:db8::80
    A CNAME cannot stand at the top of a domain: there use A and AAAA, or ALIAS where the DNS provider has it.
    Of the records that lead here, CNAME or A and AAAA will do.
  Next: Set the TXT record, then \`tenantry host verify ${host}\`.
`,
  )
  zone.set(proofName(host), { txt: ['tenantry-host=copied-by-half'] })
  const wrong = await run('verify', host)
  t.equal(wrong.code, 1)
  t.match(wrong.out, `${host} (camara-mezochi): pending\n  There is a TXT record under the name that is shown, with another value.`)
  t.match(wrong.out, '  found: tenantry-host=copied-by-half\n')
  zone.set(proofName(host), { txt: [proofValue(token)] })
  t.match(await run('verify', host), { code: 1, out: /proven\n {2}The host leads nowhere/ })
  zone.set(host, { cname: 'sites.hub.example' })
  t.same(await run('verify', host), {
    code: 0,
    out: `${host} (camara-mezochi): serving\n  The proof is there, and the host leads here.\n  Next: Nothing. Leave the records as they are.\n`,
    err: '',
  })
  const table = (await run('list')).out.trimEnd().split('\n')
  t.match(table[0], /^host +site +canonical +state +last found +looked at$/)
  t.match(table[1], /^camara\.hub\.example +camara-mezochi +yes +proven \(operator\) +- +never$/)
  t.match(table[2], /^www\.camara\.example +camara-mezochi +serving +all-well +20\d\d-/)
  t.equal(table[1]?.indexOf('camara-mezochi'), table[0]?.indexOf('site'), 'names stand below their head')
  t.equal(table.length, 4)
  const listed = await json('list', 'cecab')
  t.match(listed.value, [{ site: 'cecab', host: 'cecab.hub.example', state: 'proven', asserted: true, canonical: true, finding: null }])
  t.equal(listed.value.length, 1)
})

t.test('a site is looked at with all its hosts', async (t) => {
  const { code, value } = await json('verify', 'camara-mezochi')
  t.equal(code, 0, 'an operator’s word is enough')
  t.match(value, [
    { host: 'camara.hub.example', state: 'proven', finding: { key: 'proof-unasked' } },
    { host, state: 'serving' },
  ])
})

t.test('the canonical host changes only when somebody says so, and is removed only after another has become it', async (t) => {
  const stays = await run('remove', 'camara-mezochi', site.host, '--yes')
  t.same(stays, {
    code: 1,
    out: '',
    err: `"${site.host}" is the canonical host of "camara-mezochi". Make another canonical first: "tenantry host canonical camara-mezochi <host>".\n`,
  })
  t.match(await run('canonical', 'camara-mezochi', host), { code: 1, err: /passkeys belong to the canonical host.* Give --yes to do it\.\n$/ })
  t.match(await run('canonical', 'camara-mezochi', host, '--yes'), { code: 0, out: `${host} is now the canonical host of camara-mezochi\n` })
  t.match(await run('remove', 'camara-mezochi', site.host.toUpperCase(), '--yes'), {
    code: 0,
    out: `CAMARA.HUB.EXAMPLE is no host of camara-mezochi any more\n`,
  })
  const { rows } = await data.owner.query('select action, actor_kind, target from audit_events where tenant_id = $1 order by id', [site.id])
  t.same(
    rows.map(({ action, actor_kind, target }) => [action, actor_kind, target]),
    [
      ['host.added', 'operator', host],
      ['host.proven', 'operator', host],
      ['host.became-canonical', 'operator', host],
      ['host.removed', 'operator', site.host],
    ],
  )
})

t.test('with --proven a host is served at once, and with --canonical named', async (t) => {
  t.match(await run('add', 'cecab', 'cecab.example', '--proven', '--canonical'), {
    code: 0,
    out: /^cecab\.example \(cecab\): proven, canonical, by an operator's word\n/,
  })
  const { rows } = await data.owner.query(`select host, status, canonical from hosts where host like 'cecab%' order by host`)
  t.same(rows, [
    { host: 'cecab.example', status: 'verified', canonical: true },
    { host: 'cecab.hub.example', status: 'verified', canonical: false },
  ])
})

t.test('what cannot be done ends with 1 and one line', async (t) => {
  const cases: [string[], RegExp][] = [
    [['add', 'nobody', 'a.example'], /^There is no site "nobody"\.\n$/],
    [['add', 'cecab', 'https://a.example/'], /^"https:\/\/a\.example\/" is no host name\. .*\n$/],
    [['add', 'cecab', 'a.example', '--canonical'], /^--canonical goes with --proven\. .*\n$/],
    [['remove', 'cecab', 'a.example', '--yes'], /^The site "cecab" has no host "a\.example"\. .*\n$/],
  ]
  for (const [args, complaint] of cases) {
    const { code, out, err } = await run(...args)
    t.same([code, out], [1, ''], args.join(' '))
    t.match(err, complaint)
  }
})
