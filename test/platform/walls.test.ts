import t from 'tap'
import { createTestApp } from '../app.ts'
import { connect, createTestDatabase, superuserUrl } from '../database.ts'
import { serve } from './serve.ts'

t.test('a database whose walls are broken is not served from: the start fails, and says which wall', async (t) => {
  const { data, a } = await createTestApp(t)
  await data.owner.query('alter table entries no force row level security')
  await data.owner.query('create policy stray on members using (true)')
  const { started, get } = await serve(t, data.url)
  await t.rejects(started, { name: 'WallError', message: /does not keep tenants apart[\s\S]*entries[\s\S]*members|members[\s\S]*entries/ })
  t.equal(await get(a.host, '/healthz'), undefined, 'nobody listens')
})

t.test('a database without its migrations is not served from: the start fails, and says what to run', async (t) => {
  const { name } = await createTestDatabase(t)
  const empty = `${name}_empty`
  const admin = await connect(t, superuserUrl('postgres'))
  await admin.query(`create database ${empty}`)
  t.teardown(() => admin.query(`drop database ${empty} with (force)`))
  const { started } = await serve(t, superuserUrl(empty))
  await t.rejects(started, { name: 'WallError', message: /migrations are not applied .*tenantry migrate/ })
})
