import type { LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'
import { outcome } from '../auth/auth-calls.ts'
import { connect } from '../database.ts'
import { eventually } from '../eventually.ts'
import { multipart } from '../multipart.ts'
import { createMediaApp } from './media-calls.ts'
import { onBothStorages } from './storages.ts'

const MB = 1024 * 1024
const quota = 5 * MB
const file = multipart({ name: 'a.txt', bytes: Buffer.alloc(MB, 'a') })

onBothStorages(t, 'a quota', async (t, env) => {
  const { a, data, atOnce, usage, agree, send, removeAll } = await createRace(t, env)

  t.test('ten uploads that come at once never pass the quota together, on two copies of the service', async (t) => {
    t.same(await usage(), { bytes: 0, files: 0, quota, largest: 3 * MB })
    const answers = await atOnce(t, { method: 'POST', url: '/v1/media', ...file })
    const outcomes = answers.map(outcome)
    // Each announces a little more than the file has, so that the fifth may or may not have found room.
    const taken = outcomes.filter((one) => one === '201').length
    t.ok(taken === 4 || taken === 5, `${taken} were taken`)
    t.equal(outcomes.filter((one) => one === '409 MEDIA_QUOTA').length, 10 - taken, outcomes.join())
    t.match(await usage(), { bytes: taken * MB, files: taken })
    await agree(t, taken)
    const { rows } = await data.owner.query('select max(bytes)::int as most, count(*)::int as changes from usages where tenant_id = $1', [a.id])
    t.ok(rows[0].most >= taken * MB && rows[0].most <= quota, `it was ${rows[0].most} bytes at most`)
    t.ok(rows[0].changes >= taken, 'control')
    await removeAll(t)
  })

  t.test('uploads in parts count as announced from the beginning, and race for it like any other', async (t) => {
    const answers = await atOnce(t, { method: 'POST', url: '/v1/media/uploads', payload: { name: 'a.txt', size: 2 * MB } })
    t.equal(answers.filter(({ statusCode }) => statusCode === 201).length, 2)
    t.equal(answers.filter((answer) => outcome(answer) === '409 MEDIA_QUOTA').length, 8)
    t.match(await usage(), { bytes: 4 * MB, files: 2 })
    t.equal(outcome(await send({ name: 'a.txt', bytes: Buffer.alloc(MB + MB / 2, 'a') })), '409 MEDIA_QUOTA')
    await removeAll(t)
  })
})

interface Asked {
  method: 'POST'
  url: string
  payload: object
  headers?: Record<string, string>
}

/** A service, a copy of it, and what the database says of the usage after every transaction. */
async function createRace(t: Test, env: Record<string, string>) {
  const tools = await createMediaApp(t, { env: { MEDIA_QUOTA_MB: '5', MEDIA_FILE_MB: '3', DATABASE_POOL_MAX: '12', ...env } })
  const { a, app, data, ask, rowsOf, keysOf } = tools
  const copies = [app, await tools.another()]
  await data.owner.query(`
    create table usages (tenant_id uuid, bytes bigint);
    create function note_usage() returns trigger language plpgsql security definer as
      'begin insert into public.usages values (new.tenant_id, new.bytes); return null; end';
    create trigger note_usage after insert or update on media_usage for each row execute function note_usage()`)
  const holder = await connect(t, data.url)
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  const usage = async () => (await ask('GET', '/v1/media/usage')).json()
  return {
    ...tools,
    usage,
    /** Ten times, by both copies in turn: all have come as far as the usage before any of them gets on. */
    async atOnce(t: Test, { headers = {}, ...asked }: Asked): Promise<LightMyRequestResponse[]> {
      const common = { host: a.host, authorization: `Bearer ${await tools.tokenOf(a)}` }
      await holder.query('begin; lock table media_usage in share row exclusive mode')
      const requests = [0, 1, 2, 3, 4].flatMap(() => copies.map((copy) => copy.inject({ ...asked, headers: { ...headers, ...common } })))
      await eventually(t, 'all ten are under way', async () => (await data.owner.query(waiting)).rowCount === 10, 4_000)
      await holder.query('commit')
      return Promise.all(requests)
    },
    /** Rows, objects and the usage. */
    async agree(t: Test, files: number) {
      const rows = await rowsOf()
      t.equal(rows.length, files)
      t.same(
        await keysOf(),
        rows.map(({ id }) => `media/${id}/original`),
      )
      const bytes = rows.reduce((sum, { size }) => sum + Number(size), 0)
      t.match(await usage(), { bytes, files })
    },
    async removeAll(t: Test) {
      for (const { id } of await rowsOf()) t.equal((await ask('DELETE', `/v1/media/${id}`)).statusCode, 204)
      t.match(await usage(), { bytes: 0, files: 0 })
      t.same(await keysOf(), [])
    },
  }
}
