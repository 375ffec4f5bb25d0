import t from 'tap'
import { createTestApp } from './app.ts'
import { eventually } from './eventually.ts'
import { startTestWorker } from './mail/worker.ts'
import { temporaryFolder } from './temporary-folder.ts'

const tasks = ['check-hosts', 'check-media', 'daily', 'deliver-mail', 'sweep-storage', 'tidy-keys', 'tidy-mail']
const clock = ['check-hosts', 'daily', 'sweep-storage']
const names = { _private_tasks: tasks, _private_known_crontabs: clock }

for (const [title, env, more] of [
  ['a worker takes jobs of every kind, and has a time for each that the clock adds', {}, []],
  ['with backups it looks after them too', { BACKUP_DIR: await temporaryFolder(t) }, ['check-backups']],
] as const) {
  t.test(title, async (t) => {
    const { app, data } = await createTestApp(t, { env })
    await data.owner.query('delete from graphile_worker._private_jobs; delete from graphile_worker._private_tasks')
    startTestWorker(t, { config: app.config, database: data.open() })
    for (const [table, expected] of Object.entries(names)) {
      const known = async () =>
        (await data.owner.query(`select identifier from graphile_worker.${table} order by 1`)).rows.map((row) => row.identifier)
      await eventually(t, 'it has written down what it knows', async () => (await known()).length > 0, 10_000)
      t.same(await known(), [...expected, ...more].sort(), table)
    }
  })
}

/** By chore: what is due at the site $1, and how it is seen that it is. */
const chores: Record<string, [arrange: string, due: string]> = {
  'signing keys': [
    `update signing_keys set activates_at = now() - interval '100 days' where tenant_id = $1`,
    'from signing_keys where tenant_id = $1 and retired_at is null and activates_at < now()',
  ],
  'erase members': [
    `insert into members (tenant_id, id, email, email_key, name, status, erase_at)
     values ($1, gen_random_uuid(), 'gone@people.example', 'gone@people.example', 'Gone', 'closing', now() - interval '1 second')`,
    `from members where tenant_id = $1 and email_key = 'gone@people.example'`,
  ],
  'tidy identity': [
    `insert into passkey_challenges (tenant_id, id, purpose, challenge, expires_at)
     values ($1, gen_random_uuid(), 'sign-in', 'x', now() - interval '2 days')`,
    'from passkey_challenges where tenant_id = $1',
  ],
  'tidy-audit': [
    `insert into audit_events (tenant_id, id, at, action, actor_kind)
     values ($1, '00000000-0000-7000-8000-000000000001', now() - interval '3000 days', 'session.opened', 'system')`,
    `from audit_events where tenant_id = $1 and at < now() - interval '2900 days'`,
  ],
  brand: [
    `insert into brand_assets (tenant_id, id, kind, name, content_type, size, created_at)
     values ($1, gen_random_uuid(), 'font', 'f', 'font/woff2', 1, now() - interval '8 days')`,
    'from brand_assets where tenant_id = $1',
  ],
  'sweep media': [
    `insert into media (tenant_id, id, name, size, created_at) values ($1, gen_random_uuid(), 'a', 1, now() - interval '2 days')`,
    'from media where tenant_id = $1',
  ],
}

t.test('once a day it does every chore at every site', async (t) => {
  const { app, data, a, b } = await createTestApp(t)
  const due = async (chore: string, { id }: { id: string }) => (await data.owner.query(`select ${chores[chore]?.[1]}`, [id])).rowCount
  for (const [chore, [arrange]] of Object.entries(chores)) {
    for (const site of [a, b]) {
      await data.owner.query(arrange, [site.id])
      t.equal(await due(chore, site), 1, `${chore} is due`)
    }
  }
  const { warnings } = startTestWorker(t, { config: app.config, database: data.open() })
  await data.owner.query(`select graphile_worker.add_job('daily', '{}')`)
  const isOver = async () => (await data.owner.query(`select from graphile_worker.jobs where task_identifier = 'daily'`)).rowCount === 0
  await eventually(t, 'the job is done', isOver, 20_000)
  for (const chore of Object.keys(chores)) for (const site of [a, b]) t.equal(await due(chore, site), 0, `${chore} is done`)
  t.same(warnings, [])
})
