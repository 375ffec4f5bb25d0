import t from 'tap'
import { createTestApp } from '../app.ts'
import { eventually } from '../eventually.ts'

t.test('a host that moves to another site takes its browser origin along, on an instance that had both in memory', async (t) => {
  const { app, data, a, b, call } = await createTestApp(t)
  await data.owner.query(`insert into hosts (tenant_id, host, status) values ($1, 'moving.example', 'verified')`, [a.id])
  await eventually(t, 'the instance listens', () => app.notifications.healthy)
  const allows = async (site: { host: string }) => {
    const answer = await call(site, { url: '/v1/site', headers: { origin: 'https://moving.example' } })
    return answer.headers['access-control-allow-origin'] === 'https://moving.example'
  }
  await eventually(t, 'the first site allows it', () => allows(a))
  t.equal(await allows(b), false)
  await data.owner.query(`update hosts set tenant_id = $1 where host = 'moving.example'`, [b.id])
  await eventually(t, 'the second site allows it', () => allows(b))
  await eventually(t, 'the first site no longer does', async () => !(await allows(a)))
})

t.test('a renamed slug is told at once, and a locale that no formatter takes is refused', async (t) => {
  const { data, a, call } = await createTestApp(t)
  t.equal((await call(a, { url: '/v1/site' })).json().slug, 'site-a')
  await data.owner.query(`update tenants set slug = 'renamed' where id = $1`, [a.id])
  await eventually(t, 'the answer has the new slug', async () => (await call(a, { url: '/v1/site' })).json().slug === 'renamed')
  for (const change of [`locale = 'pt_ST'`, `time_zone = 'no zone'`]) {
    await t.rejects(data.owner.query(`update sites set ${change} where tenant_id = $1`, [a.id]), { code: '23514' })
  }
})
