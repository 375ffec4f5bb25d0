import { randomBytes } from 'node:crypto'
import { type Test, test } from 'tap'
import { rotateKey } from '../../../src/auth/keys/rotate-key.ts'
import { newSigningKey } from '../../../src/auth/keys/signing-keys.ts'
import { loadConfig } from '../../../src/config.ts'
import { createSecretBox } from '../../../src/security/secret-box.ts'
import { createTestDatabase } from '../../database.ts'
import { eventually } from '../../eventually.ts'
import { startTestWorker } from '../../mail/worker.ts'

const patience = 20_000

/** Sites with a key of a given age each, and workers as they run in earnest. */
async function start(t: Test, ages: string[]) {
  const data = await createTestDatabase(t)
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: data.url,
    SECRET_KEYS: `test:${randomBytes(32).toString('base64')}`,
    LOG_LEVEL: 'silent',
  })
  const box = createSecretBox(config.secretKeys)
  const database = data.open({ max: 4 })
  const sites = []
  for (const age of ages) {
    const { id } = await data.addTenant()
    const { id: kid } = await database.forTenant(id).signingKey.create({ data: newSigningKey(box, id) })
    await data.owner.query('update signing_keys set activates_at = now() - $2::interval where tenant_id = $1', [id, age])
    sites.push({ id, kid })
  }
  return {
    data,
    box,
    database,
    sites,
    /** As if workers had run for days, and none at the last hour of the daily job: whichever starts first makes up for it. */
    missADay: () =>
      data.owner.query(
        `insert into graphile_worker._private_known_crontabs (identifier, known_since) values ('daily', now() - interval '3 days')
         on conflict (identifier) do update set known_since = excluded.known_since, last_execution = null`,
      ),
    work: () => startTestWorker(t, { config, database: data.open({ max: 4 }) }),
    keysOf: async (tenantId: string) =>
      (await data.owner.query('select * from signing_keys where tenant_id = $1 order by created_at', [tenantId])).rows,
    jobs: async () => (await data.owner.query('select task_identifier as task, key, run_at from graphile_worker.jobs order by task_identifier')).rows,
  }
}

test('the daily job of a real worker exchanges an old key, leaves a young one, and forgets one that is over', async (t) => {
  const { data, sites, missADay, work, keysOf, jobs } = await start(t, ['91 days', '89 days', '1 day'])
  const [old, young, third] = sites
  if (!old || !young || !third) throw new Error('there are three')
  await data.owner.query(
    `insert into signing_keys (tenant_id, id, public_jwk, sealed_private, retired_at) select tenant_id, 'over', public_jwk, '', now() - interval '2 days'
     from signing_keys where tenant_id = $1`,
    [third.id],
  )
  await missADay()
  const { warnings } = work()
  await eventually(t, 'the old one has a successor', async () => (await keysOf(old.id)).length === 2, patience)
  await eventually(t, 'the pass is over', async () => (await jobs()).every(({ task }) => task !== 'daily'), patience)
  const [first, next] = await keysOf(old.id)
  t.equal(first.id, old.kid)
  t.same(first.retired_at, next.activates_at)
  t.ok(next.activates_at > new Date(), 'published before it signs')
  t.same(
    (await keysOf(young.id)).map(({ id }) => id),
    [young.kid],
  )
  t.same(
    (await keysOf(third.id)).map(({ id }) => id),
    [third.kid],
  )
  t.same(warnings, [])
})

test('two workers at once do the daily job once', async (t) => {
  const { data, sites, missADay, work, keysOf, jobs } = await start(t, ['91 days', '91 days'])
  await data.owner.query(`create table daily_jobs (id bigint)`)
  await data.owner.query(`create function note_daily() returns trigger language plpgsql security definer as $$
    begin if new.payload::jsonb ? '_cron' then insert into public.daily_jobs values (new.id); end if; return null; end $$`)
  await data.owner.query('create trigger note after insert on graphile_worker._private_jobs for each row execute function note_daily()')
  await missADay()
  const workers = [work(), work()]
  for (const { id } of sites) await eventually(t, 'it is done', async () => (await keysOf(id)).length === 2, patience)
  const { rows } = await data.owner.query('select last_execution from graphile_worker._private_known_crontabs where identifier = $1', ['daily'])
  t.equal(rows.length, 1)
  t.ok(rows[0].last_execution)
  await eventually(t, 'the pass is over', async () => (await jobs()).every(({ task }) => task !== 'daily'), patience)
  t.equal((await data.owner.query('select from daily_jobs')).rowCount, 1)
  for (const { id } of sites) t.equal((await keysOf(id)).length, 2)
  for (const { warnings } of workers) t.same(warnings, [])
})

test('a rotation leaves a job for the moment after the old key has signed for the last time, which wipes its private half', async (t) => {
  const { data, box, database, sites, work, keysOf, jobs } = await start(t, ['1 day', '1 day'])
  const [{ id, kid } = { id: '', kid: '' }, other = { id: '' }] = sites
  const { key } = await rotateKey(database.forTenant(id), box, { tenantId: id, when: 'ahead' })
  const [job] = await jobs()
  t.equal(job.task, 'tidy-keys')
  t.equal(job.run_at - key.activatesAt.getTime(), 120_000)
  t.equal((await jobs()).length, 1)
  await data.owner.query(`update signing_keys set activates_at = activates_at - interval '20 minutes' where id = $1`, [key.id])
  await data.owner.query(`update signing_keys set retired_at = retired_at - interval '20 minutes' where id = $1`, [kid])
  t.ok((await jobs())[0].run_at < new Date(), 'a moment that changes moves the job')
  work()
  await eventually(t, 'it is wiped', async () => (await keysOf(id)).find((row) => row.id === kid)?.sealed_private === '', patience)
  t.ok((await keysOf(id)).find((row) => row.id === key.id)?.sealed_private)
  t.ok((await keysOf(other.id))[0].sealed_private)
})

test('an old key that no SECRET_KEYS open is warned of, and the next site has its turn', async (t) => {
  const { data, sites, missADay, work, keysOf } = await start(t, ['91 days', '91 days'])
  const [broken, sound] = [...sites].sort((one, other) => (one.id < other.id ? -1 : 1))
  if (!broken || !sound) throw new Error('there are two')
  await data.owner.query(`update signing_keys set sealed_private = 'v1.lost.AAAA' where tenant_id = $1`, [broken.id])
  await missADay()
  const { warnings } = work()
  await eventually(t, 'the sound one has a successor', async () => (await keysOf(sound.id)).length === 2, patience)
  await eventually(t, 'the end is told', () => warnings.length === 2, patience)
  t.match(warnings[0], { context: { tenantId: broken.id, chore: 'signing keys', err: { code: 'SIGNING_KEY_UNREADABLE' } } })
  t.match(warnings[1], { context: { sites: 2, failures: 1 } })
  t.equal((await keysOf(broken.id)).length, 1)
})
