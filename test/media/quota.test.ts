import t from 'tap'
import { outcome } from '../auth/auth-calls.ts'
import { createMediaApp } from './media-calls.ts'

const MB = 1024 * 1024
const { a, b, ask, send, check, data, keysOf, rowsOf } = await createMediaApp(t, {
  env: { MEDIA_QUOTA_MB: '5', MEDIA_FILE_MB: '3' },
})
const text = (size: number) => ({ name: 'a.txt', bytes: Buffer.alloc(size, 'a') })
const usage = async (site = a) => (await ask('GET', '/v1/media/usage', { site })).json()

t.test('one site’s files are nothing to another’s quota; a file that was refused counts no more', async (t) => {
  await send(text(2 * MB), {}, b)
  t.match(await usage(b), { bytes: 2 * MB, files: 1 })
  t.match(await usage(), { bytes: 0, files: 0 })
  const { id } = (await send({ name: 'a.txt', bytes: Buffer.concat([Buffer.alloc(MB, 'a'), Buffer.from([0xff])]) })).json()
  t.match(await usage(), { bytes: MB + 1, files: 1 })
  await check(id)
  t.match(await usage(), { bytes: 0, files: 0 })
})

t.test('a file that is larger than one may be answers 413 FILE_TOO_LARGE, by what it announces and by what it is', async (t) => {
  const before = [await rowsOf(), await keysOf()]
  t.equal(outcome(await send(text(3 * MB + 70_000))), '413 FILE_TOO_LARGE')
  t.equal(outcome(await send(text(3 * MB + 1))), '413 FILE_TOO_LARGE')
  t.same([await rowsOf(), await keysOf()], before)
  t.equal((await send(text(3 * MB))).statusCode, 201, 'control')
})

t.test('the usage is what the rows say, after all that', async (t) => {
  const { rows } = await data.owner.query(`select u.tenant_id, u.bytes = coalesce((select sum(m.size) from media m where m.tenant_id = u.tenant_id
    and m.status <> 'refused'), 0) as exact from media_usage u`)
  t.ok(rows.length === 2 && rows.every(({ exact }) => exact))
})

t.test('a site has five hundred files under way at once: 429 RATE_LIMITED with Retry-After, and what is ready does not count', async (t) => {
  const fill = (status: string) =>
    data.owner.query(
      `insert into media (tenant_id, id, name, size, status, kind, content_type, extension, sha256)
       select $1, gen_random_uuid(), 'a', 1, $2, 'document', 'text/plain', 'txt', repeat('a', 64) from generate_series(1, 500)`,
      [b.id, status],
    )
  await fill('ready')
  t.equal(outcome(await send(text(10), {}, b)), '201')
  await fill('checking')
  const answer = await send(text(10), {}, b)
  t.equal(outcome(answer), '429 RATE_LIMITED')
  t.equal(answer.headers['retry-after'], '60')
  await data.owner.query(`delete from media where tenant_id = $1`, [b.id])
  t.equal(outcome(await send(text(10), {}, b)), '201', 'control')
})
