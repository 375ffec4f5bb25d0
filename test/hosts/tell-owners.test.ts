import { type Test, test } from 'tap'
import { createMember, ensureRoles } from '../../src/auth/account/create-member.ts'
import { proofName, proofValue } from '../../src/hosts/host-records.ts'
import { createRecheckTask } from '../../src/hosts/recheck-hosts.ts'
import { createJobSession } from '../../src/jobs/job-session.ts'
import { createPasswordHasher } from '../../src/security/passwords/password-hasher.ts'
import { builtInRoles } from '../../src/tenancy/permissions.ts'
import { arrangeHosts } from './arrange.ts'

/** A site with two owners, one of whom wants English, an editor, and an owner who is not let in any more; and the hub's own site. */
async function arrange(t: Test) {
  const hub = await arrangeHosts(t)
  const { data, one, server, config } = hub
  const platform = await data.addTenant({ slug: 'console' })
  await data.owner.query(`update tenants set kind = 'platform' where id = $1`, [platform.id])
  const db = data.open().forTenant(one.id)
  const hasher = createPasswordHasher({ concurrency: 1, queue: 10 })
  await ensureRoles(db, one.id, builtInRoles, true)
  const people = [
    ['dona', 'owner'],
    ['rui', 'owner'],
    ['gone', 'owner'],
    ['eva', 'editor'],
  ] as const
  for (const [name, role] of people)
    await createMember(db, hasher, { tenantId: one.id, email: `${name}@one.example`, name, role, password: 'uma palavra comprida' })
  await data.owner.query(`update members set language = 'en' where email_key = 'rui@one.example'`)
  await data.owner.query(`update members set status = 'deactivated' where email_key = 'gone@one.example'`)
  const jobs = createJobSession(data.url, () => {})
  t.teardown(() => jobs.close())
  const log = { warn: () => {}, debug: () => {} }
  const task = createRecheckTask({ database: data.open(), jobs, dns: server.dns, targets: config.hosts.targets, log })
  const look = async () => {
    for (let next: object | undefined = {}; next; ) {
      const payload: object = next
      next = undefined
      const addJob = async (_task: string, added: object) => {
        next = added
      }
      await task(payload, { addJob })
    }
  }
  const mails = async () =>
    (await data.owner.query('select tenant_id, kind, recipient, locale, variables, status from mail_messages order by kind, recipient')).rows
  const record = async (host: string) => ({
    host,
    record_name: proofName(host),
    record_value: proofValue((await hub.read('one', host)).token ?? ''),
  })
  return { ...hub, platform, look, mails, record }
}

test('the owners of a site are told once when the proof of a host is first gone, and once when it is released, with the record to set', async (t) => {
  const { add, publish, verify, zone, look, mails, record, age, one, data } = await arrange(t)
  await add({ slug: 'one', host: 'a.example' })
  await publish('a.example', ['one'])
  await verify('one', 'a.example')
  await look()
  t.same(await mails(), [], 'control: while all is well nobody is told')
  const proof = zone.get(proofName('a.example')) ?? {}
  zone.delete(proofName('a.example'))
  await look()
  await look()
  const failing = { tenant_id: one.id, kind: 'host-failing', variables: await record('a.example'), status: 'queued' }
  const told = [
    { ...failing, recipient: 'dona@one.example', locale: 'pt' },
    { ...failing, recipient: 'rui@one.example', locale: 'en' },
  ]
  t.same(await mails(), told)
  for (let day = 0; day < 3; day++) {
    await age('a.example', 1)
    await look()
  }
  const released = { ...failing, kind: 'host-released', variables: { ...failing.variables, elsewhere: '' } }
  t.same(await mails(), [
    ...told,
    { ...released, recipient: 'dona@one.example', locale: 'pt' },
    { ...released, recipient: 'rui@one.example', locale: 'en' },
  ])
  zone.set(proofName('a.example'), proof)
  await verify('one', 'a.example')
  zone.delete(proofName('a.example'))
  await look()
  t.equal((await mails()).length, 6, 'a second time is told again')
  const jobs = `select from graphile_worker.jobs where task_identifier = 'deliver-mail' and key = 'mail:' || $1`
  t.equal((await data.owner.query(jobs, [one.id])).rowCount, 1, 'and the mail has its job')
})

test('a release that is undone tells nobody', async (t) => {
  const { add, publish, verify, mails, owner, one } = await arrange(t)
  await add({ slug: 'one', host: 'a.example' })
  await publish('a.example', ['one'])
  await verify('one', 'a.example')
  await owner.query('begin')
  await owner.query(`select release_host($1, 'a.example', 'proof-failed')`, [one.id])
  await owner.query('rollback')
  t.same(await mails(), [])
  await owner.query(`select release_host($1, 'a.example', 'proof-failed')`, [one.id])
  t.equal((await mails()).length, 2, 'control')
})

test('of a host that another site has proven it is said so, and the hub writes for a site that has no host left', async (t) => {
  const { add, publish, verify, mails, one, platform, data } = await arrange(t)
  await add({ slug: 'one', host: 'a.example' })
  await publish('a.example', ['one'])
  await verify('one', 'a.example')
  await data.owner.query('update hosts set canonical = false where tenant_id = $1', [one.id])
  await data.owner.query(`delete from hosts where tenant_id = $1 and host <> 'a.example'`, [one.id])
  await data.owner.query(`update hosts set canonical = true where tenant_id = $1`, [one.id])
  await add({ slug: 'other', host: 'a.example' })
  await publish('a.example', ['other'])
  await verify('other', 'a.example')
  const told = { tenant_id: platform.id, kind: 'host-released', variables: { host: 'a.example', elsewhere: 'yes' } }
  t.match(await mails(), [
    { ...told, recipient: 'dona@one.example' },
    { ...told, recipient: 'rui@one.example' },
  ])
})
