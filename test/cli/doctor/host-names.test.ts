import { test } from 'tap'
import { checkHostNames, hostNames } from '../../../src/cli/doctor/checks/host-names.ts'
import { proofName, proofValue } from '../../../src/hosts/host-records.ts'
import { randomSecret } from '../../../src/security/random-token.ts'
import { startDns } from '../../dns-server.ts'
import { createPatient, look, told } from './patient.ts'

test('a host without an address is a problem, and a name server that says nothing a warning', async (t) => {
  const { patient, data } = await createPatient(t)
  const { zone, address } = await startDns(t)
  zone.set('www.one.example', { aaaa: ['2001:db8::1'] })
  const asked = () => patient({ DNS_SERVERS: address })
  t.same(await look(hostNames, asked()), ['ok 1 of 1 lead here with all they need'])
  await data.addTenant({ slug: 'lost', host: 'www.lost.example' })
  await data.addTenant({ slug: 'mute', host: 'www.mute.example' })
  zone.set('www.mute.example', { fails: 'servfail' })
  t.same(await look(hostNames, asked()), [
    'problem serving, today points-nowhere: www.lost.example (lost)',
    'warning serving, today points-unreachable: www.mute.example (mute)',
    'ok 1 of 3 lead here with all they need',
  ])
})

test('of every host its state is told, what the DNS says today, and what to do', async (t) => {
  const { patient, data, site } = await createPatient(t)
  const { zone, address } = await startDns(t)
  const target = 'sites.hub.example'
  zone.set(target, { a: ['192.0.2.80'] })
  zone.set('www.one.example', { cname: target })
  const columns = { proven_at: 'now()', pointed_at: 'now()' }
  /** One in that state, with its proof and its way to us in the DNS unless these are taken away. */
  const add = async (host: string, more: Record<string, string> = {}) => {
    const token = randomSecret()
    const set = { tenant_id: `'${site.id}'`, host: `'${host}'`, token: `'${token}'`, status: `'verified'`, ...columns, ...more }
    await data.owner.query(`insert into hosts (${Object.keys(set).join(', ')}) values (${Object.values(set).join(', ')})`)
    zone.set(proofName(host), { txt: [proofValue(token)] })
    zone.set(host, { cname: target })
  }
  const [pending, never] = [{ status: `'pending'`, proven_at: 'null', pointed_at: 'null' }, { pointed_at: 'null' }]
  await add('serving.example')
  await add('away.example')
  await add('unproven.example')
  await add('partly.example')
  await add('coming.example', never)
  await add('failing.example', { failing_since: 'now()', failures: '1' })
  await add('healed.example', { failing_since: 'now()', failures: '1' })
  await add('claimed.example', pending)
  await add('ready.example', pending)
  await add('released.example', { ...pending, released_at: 'now()' })
  zone.set('away.example', { a: ['198.51.100.1'] })
  zone.set('partly.example', { a: ['192.0.2.80', '198.51.100.1'] })
  for (const host of ['unproven', 'failing', 'claimed', 'released']) zone.delete(proofName(`${host}.example`))
  zone.delete('coming.example')
  // By an operator's word, and elsewhere.
  await data.addTenant({ slug: 'word', host: 'word.example' })
  await data.owner.query(`update hosts set pointed_at = now() where host in ('word.example', 'www.one.example')`)
  zone.set('word.example', { a: ['198.51.100.1'] })
  const remarks = await hostNames.run(patient({ DNS_SERVERS: address, HOST_TARGETS: target }))
  t.same(told(remarks).toSorted(), [
    'ok 2 of 12 lead here with all they need',
    'problem failing, today proof-missing: failing.example (one)',
    'problem serving, today points-elsewhere: away.example (one), word.example (word)',
    'problem serving, today proof-missing: unproven.example (one)',
    'warning failing, today all-well: healed.example (one)',
    'warning pending, today all-well: ready.example (one)',
    'warning pending, today proof-missing: claimed.example (one)',
    'warning proven, today points-nowhere: coming.example (one)',
    'warning released, today proof-missing: released.example (one)',
    'warning serving, today points-partly: partly.example (one)',
  ])
  const remedyOf = (what: RegExp) => remarks.find((remark) => what.test(remark.what))?.remedy
  t.match(remedyOf(/elsewhere/), /^The host leads elsewhere\. Change its CNAME.* "tenantry host verify <host>" shows the records\.$/)
  t.equal(remedyOf(/ready/), '"tenantry host verify <host>" takes note of it.')
  const { rows } = await data.owner.query(`select count(*)::int as n from hosts where checked_at is not null or finding is not null`)
  t.same(rows, [{ n: 0 }], 'the doctor only looks')
})

test('name servers that never answer hold the check up for no longer than its limit, however many hosts there are', async (t) => {
  const { patient, data, site } = await createPatient(t)
  const { zone, address, asked } = await startDns(t)
  await data.owner.query(
    `insert into hosts (tenant_id, host, status, token, proven_at) select $1, 'h' || n || '.example', 'verified', repeat('a', 43), now() from generate_series(1, 199) n`,
    [site.id],
  )
  for (let at = 1; at < 200; at++) for (const name of [`h${at}.example`, proofName(`h${at}.example`)]) zone.set(name, { fails: 'silent' })
  const began = Date.now()
  const found = await look(checkHostNames({ each: 400, overall: 600 }), patient({ DNS_SERVERS: address }))
  t.ok(Date.now() - began < 5_000, 'not 200 times the wait')
  t.ok(asked.length > 0)
  t.match(found.join('\n'), /^warning serving, today proof-unreachable: .* more$/m)
  t.match(found.join('\n'), /^warning serving, today not looked at: .* more$/m)
})
