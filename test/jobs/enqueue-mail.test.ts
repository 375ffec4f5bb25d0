import { test } from 'tap'
import { enqueueMail } from '../../src/jobs/enqueue-mail.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'

const jobs = async ({ owner }: TestDatabase) =>
  (await owner.query('select key, payload, locked_at from graphile_worker._private_jobs order by id')).rows.map(({ key, payload }) => ({
    key,
    payload,
  }))

const verification = (tenantId: string, to = 'ana@example.test') =>
  ({ tenantId, kind: 'test', to, language: 'pt', variables: { requested_by: to } }) as const

test('a mail and its job are written in the transaction of the flow, and gone with it', async (t) => {
  const data = await createTestDatabase(t)
  const tenant = await data.addTenant()
  const db = data.open().forTenant(tenant.id)
  const failing = db.$transaction(async (tx) => {
    await enqueueMail(tx, verification(tenant.id))
    throw new Error('the flow fails')
  })
  await t.rejects(failing, /the flow fails/)
  t.equal(await db.mailMessage.count(), 0)
  t.same(await jobs(data), [])
  await db.$transaction((tx) => enqueueMail(tx, verification(tenant.id)))
  t.equal(await db.mailMessage.count(), 1)
  t.same(await jobs(data), [{ key: `mail:${tenant.id}`, payload: { tenantId: tenant.id } }])
})

test('a site with many mails has one job, another site its own', async (t) => {
  const data = await createTestDatabase(t)
  const database = data.open()
  const [a, b] = [await data.addTenant(), await data.addTenant()]
  for (const { id } of [a, a, a, b]) await enqueueMail(database.forTenant(id), verification(id))
  t.same(
    (await jobs(data)).map(({ key }) => key),
    [`mail:${a.id}`, `mail:${b.id}`],
  )
})

test('one intent is written once, and two sites may have the same', async (t) => {
  const data = await createTestDatabase(t)
  const database = data.open()
  const [a, b] = [await data.addTenant(), await data.addTenant()]
  for (const { id } of [a, a, b]) await enqueueMail(database.forTenant(id), { ...verification(id), intent: 'welcome ana' })
  t.equal(await database.forTenant(a.id).mailMessage.count(), 1)
  t.equal(await database.forTenant(b.id).mailMessage.count(), 1)
})

test('what is no single plain address is refused', async (t) => {
  const data = await createTestDatabase(t)
  const { id } = await data.addTenant()
  const db = data.open().forTenant(id)
  const bad = [
    'b@x.test\r\nBcc: evil@x.test',
    'b@x.test,evil@y.test',
    'Ana <ana@x.test>',
    '"a b"@x.test',
    'group: a@x.test;',
    'a@x.test (comment)',
    '@x.test',
    '',
  ]
  for (const to of bad) await t.rejects(enqueueMail(db, verification(id, to)), TypeError, to)
  t.equal(await db.mailMessage.count(), 0)
  await enqueueMail(db, verification(id, 'Ana@Example.TEST'))
  t.equal((await db.mailMessage.findFirstOrThrow()).recipient, 'ana@example.test', 'control')
})

test('the role of the service reads and writes no job, and cannot call what adds one', async (t) => {
  const data = await createTestDatabase(t)
  const { id } = await data.addTenant()
  const database = data.open()
  const db = database.forTenant(id)
  await enqueueMail(db, verification(id))
  t.equal((await jobs(data)).length, 1, 'control')
  await t.rejects(db.$queryRaw`select * from graphile_worker._private_jobs`, /permission denied/)
  await t.rejects(db.$queryRaw`select graphile_worker.add_job('deliver-mail')`, /permission denied/)
  await t.rejects(db.$queryRaw`select wake_mail()`, /permission denied|trigger functions/)
})

test('a mail that staff want sent again, and a mail account that changed, wake the worker', async (t) => {
  const data = await createTestDatabase(t)
  const { id } = await data.addTenant()
  const db = data.open().forTenant(id)
  await enqueueMail(db, verification(id))
  const forget = () => data.owner.query('delete from graphile_worker._private_jobs')
  await forget()
  await db.mailMessage.updateMany({ data: { attempts: 1 } })
  await db.mailMessage.updateMany({ data: { status: 'dead' } })
  t.same(await jobs(data), [], 'nothing to do')
  await db.mailMessage.updateMany({ data: { status: 'queued' } })
  t.equal((await jobs(data)).length, 1)
  await forget()
  await db.mailAccount.create({ data: { tenantId: id } })
  t.equal((await jobs(data)).length, 1)
  await forget()
  await db.mailAccount.updateMany({ data: { failures: 1 } })
  t.same(await jobs(data), [], 'the circuit is no setting')
  await db.mailAccount.updateMany({ data: { revision: 1 } })
  t.equal((await jobs(data)).length, 1)
})
