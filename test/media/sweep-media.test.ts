import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { temporaryPrefix } from '../../src/media/check/check-media.ts'
import { discardMedia } from '../../src/media/discard-media.ts'
import { createSweepStorageTask, mediaChore, sweepMedia } from '../../src/media/sweep-media.ts'
import { newId } from '../../src/security/random-token.ts'
import { createMediaApp, photo } from './media-calls.ts'

const { app, a, b, add, send, visit, check, dbOf, storageOf, keysOf, rowsOf, data } = await createMediaApp(t)
const contentType = 'text/plain'
const tomorrow = () => Date.now() + 25 * 60 * 60_000

t.test('objects that no row names go after a day, and nothing else does, here or at another site', async (t) => {
  const [image, theirs] = [await add({ name: 'a.png', bytes: await photo(400, 300) }), await add({ name: 'a.txt', bytes: 'text' }, {}, b)]
  const named = await keysOf()
  const orphans = [`media/${newId()}/original`, `media/${image.id}/square-of-before.avif`, 'media/strange/x']
  for (const key of orphans) await storageOf(a).put(key, Buffer.from('x'), { contentType })
  await storageOf(a).put('brand/logo.png', Buffer.from('x'), { contentType })
  await sweepMedia(dbOf(a), storageOf(a))
  t.same(await keysOf(), [...named, ...orphans].sort(), 'not while they could be on their way')
  await sweepMedia(dbOf(a), storageOf(a), tomorrow())
  t.same(await keysOf(), named)
  t.ok(await storageOf(a).stat('brand/logo.png'), 'what is not media is not ours')
  t.equal((await visit(`/media/${theirs.id}`, {}, { site: b })).statusCode, 200)
  t.equal((await visit(`/media/${image.id}?w=100`)).statusCode, 200)
})

t.test('rows of uploads that nobody ended go after a day with what was kept of them', async (t) => {
  const id = newId()
  await dbOf(a).media.createMany({ data: [{ tenantId: a.id, id, name: 'a', size: 5n }] })
  await storageOf(a).put(`media/${id}/original`, Buffer.from('12345'), { contentType })
  await sweepMedia(dbOf(a), storageOf(a))
  t.ok((await rowsOf()).some((row) => row.id === id))
  await mediaChore(app.objectStorage).run(dbOf(a), a.id)
  t.ok(
    (await rowsOf()).some((row) => row.id === id),
    'nor by the chore, which goes by the clock',
  )
  await sweepMedia(dbOf(a), storageOf(a), tomorrow())
  t.notOk((await rowsOf()).some((row) => row.id === id))
  t.notOk((await keysOf()).some((key) => key.includes(id)))
})

t.test('what is left of a file that was refused goes; a check whose job was lost is queued again', async (t) => {
  const refused = (await send({ name: 'a.txt', bytes: Buffer.from([0x61, 0xff]) })).json().id
  await check(refused)
  await storageOf(a).put(`media/${refused}/original`, Buffer.from('x'), { contentType })
  const waiting = (await send({ name: 'a.txt', bytes: 'text' })).json().id
  await data.owner.query('delete from graphile_worker._private_jobs')
  const queued = async () => (await data.owner.query(`select payload from graphile_worker._private_jobs`)).rows.map(({ payload }) => payload.mediaId)
  t.same(await queued(), [])
  await sweepMedia(dbOf(a), storageOf(a), tomorrow())
  t.notOk((await keysOf()).some((key) => key.includes(refused)))
  t.same(await queued(), [waiting])
})

t.test('an upload that has gone on all the same keeps its bytes, whoever gives it up late', async (t) => {
  const { id } = (await send({ name: 'a.txt', bytes: 'text' })).json()
  await discardMedia({ db: dbOf(a), storage: storageOf(a), log: app.log }, id)
  t.ok((await keysOf()).some((key) => key.includes(id)))
  await check(id)
  t.equal((await visit(`/media/${id}`)).statusCode, 200)
})

t.test('a file whose bytes are not there any more is refused, and checked no more', async (t) => {
  const { id } = (await send({ name: 'a.txt', bytes: 'text' })).json()
  await storageOf(a).remove([`media/${id}/original`])
  await check(id)
  t.match(
    (await rowsOf()).find((row) => row.id === id),
    { status: 'refused', reason: 'lost' },
  )
})

t.test(
  'once a day the storage forgets parts, and this machine copies of files, that are older than a day, also while the storage is away',
  async (t) => {
    const [old, fresh] = [join(tmpdir(), `${temporaryPrefix}old`), join(tmpdir(), `${temporaryPrefix}new`)]
    const yesterday = new Date(Date.now() - 25 * 60 * 60_000)
    for (const folder of [old, fresh]) {
      await mkdir(folder)
      await writeFile(join(folder, 'original'), 'x')
    }
    await utimes(old, yesterday, yesterday)
    let swept: Date | undefined
    const sweep = async (before: Date, prefix: string) => {
      swept = before
      t.equal(prefix, 'tenants/', 'the bucket may be others’ too')
      throw new Error('away')
    }
    const storage = { ...app.objectStorage, sweep }
    const task = async () => createSweepStorageTask(storage)({}, {} as Parameters<ReturnType<typeof createSweepStorageTask>>[1])
    await t.rejects(task(), { message: 'away' }, 'the queue hears of it')
    t.ok(swept && Math.abs(swept.getTime() - yesterday.getTime()) < 2 * 60 * 60_000)
    const left = await readdir(tmpdir())
    t.same([left.includes(`${temporaryPrefix}old`), left.includes(`${temporaryPrefix}new`)], [false, true])
  },
)
