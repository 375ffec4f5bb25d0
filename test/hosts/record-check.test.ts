import t from 'tap'
import { connect } from '../database.ts'
import { arrangeHosts } from './arrange.ts'

const { data, one, other, add, publish, verify, read, age } = await arrangeHosts(t)
const host = 'www.camara.example'
await add({ slug: 'one', host })
await publish(host, ['one'])
await verify('one', host)

t.test('the service’s role may neither write down a look nor release, nor change a host; nor may the worker release or verify', async (t) => {
  const record = `select record_host_check($1, '${host}', 'failed', null, 'proof-missing')`
  const release = `select release_host($1, '${host}', 'because')`
  const app = await connect(t, data.url)
  await app.query('set role tenantry_app')
  const jobs = await connect(t, data.url)
  await jobs.query('set role tenantry_jobs')
  await t.rejects(app.query(record, [one.id]), { code: '42501' })
  for (const role of [app, jobs]) {
    await t.rejects(role.query(release, [one.id]), { code: '42501' })
    for (const statement of [
      `update hosts set status = 'verified'`,
      'delete from hosts',
      `insert into hosts (tenant_id, host) select tenant_id, 'x.example' from hosts`,
    ]) {
      await t.rejects(role.query(statement), { code: '42501' }, statement)
    }
  }
  t.match(await read('one', host), { status: 'verified', failures: 0 })
  await jobs.query(record, [one.id])
  t.match(await read('one', host), { status: 'verified', failures: 1, finding: 'proof-missing' }, 'control: the worker writes down')
})

t.test('however often the worker says so, nothing is released sooner than the function allows, and no other site’s host at all', async (t) => {
  const jobs = await connect(t, data.url)
  await jobs.query('set role tenantry_jobs')
  const said = async (tenant: string, proof: string) =>
    (await jobs.query('select record_host_check($1, $2, $3, null, $4) as released', [tenant, host, proof, 'proof-missing'])).rows[0].released
  for (let at = 0; at < 20; at++) t.equal(await said(one.id, 'failed'), false)
  t.match(await read('one', host), { failures: 1 }, 'of one day')
  await age(host, 2)
  t.equal(await said(one.id, 'failed'), false)
  await age(host, 400)
  t.equal(await said(other.id, 'failed'), false, 'it is not theirs')
  t.match(await read('one', host), { status: 'verified' })
  t.equal(await said(one.id, 'unasked'), true)
  t.match(await read('one', host), { status: 'pending', releasedAt: /./ })
  for (const proof of ['ok', 'failed']) t.equal(await said(one.id, proof), false)
  t.match(await read('one', host), { status: 'pending', provenAt: null }, 'it verifies nothing')
  t.equal((await jobs.query(`select coalesce(current_setting('app.tenant_id', true), '') as tenant`)).rows[0].tenant, '', 'no tenant stays set')
})
