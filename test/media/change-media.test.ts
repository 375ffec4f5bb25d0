import t from 'tap'
import { newId } from '../../src/security/random-token.ts'
import { outcome } from '../auth/auth-calls.ts'
import { createMediaApp } from './media-calls.ts'

const { a, b, ask, add, send, visit, keysOf, rowsOf, dbOf, data } = await createMediaApp(t)
const text = (name = 'a.txt') => ({ name, bytes: 'some text' })
const eventsOf = async (id: string) =>
  (await data.owner.query(`select action from audit_events where tenant_id = $1 and target = $2 order by id`, [a.id, id])).rows.map(
    ({ action }) => action,
  )
const versionOf = async () => (await data.owner.query('select version from tenants where id = $1', [a.id])).rows[0].version

t.test('name, alternative text and visibility are changed: 200; the extension stays what the file is', async (t) => {
  const media = await add(text())
  const answer = await ask('PATCH', `/v1/media/${media.id}`, { payload: { name: '../Acta.exe', alt: 'Acta', visibility: 'private' } })
  t.match(answer.json(), { name: 'Acta.txt', alt: 'Acta', visibility: 'private' })
  t.equal(outcome(await visit(`/media/${media.id}`)), '404 MEDIA_UNKNOWN', 'private from now on')
  t.same(await eventsOf(media.id), ['media.added', 'media.changed'])
  for (const payload of [{}, { alt: 1 }, { name: '' }, { focus: { x: 2, y: 0 } }, { focus: { x: 0.5 } }, { status: 'ready' }, { size: 0 }]) {
    t.equal(outcome(await ask('PATCH', `/v1/media/${media.id}`, { payload })), '400 REQUEST_INVALID', JSON.stringify(payload))
  }
  t.equal(outcome(await ask('PATCH', `/v1/media/${media.id}`, { site: b, payload: { alt: 'x' } })), '404 MEDIA_UNKNOWN')
})

t.test('only what the public sees raises the version of the site', async (t) => {
  const changes = async (work: () => Promise<unknown>) => {
    const before = await versionOf()
    await work()
    return (await versionOf()) !== before
  }
  const { id } = (await send(text())).json()
  t.notOk(await changes(() => send(text())), 'a file that comes does not')
  const media = await add(text(), { visibility: 'private' })
  t.notOk(await changes(() => ask('PATCH', `/v1/media/${media.id}`, { payload: { alt: 'x' } })), 'nor does a private one')
  t.notOk(await changes(() => ask('DELETE', `/v1/media/${id}`)))
  t.ok(await changes(() => ask('PATCH', `/v1/media/${media.id}`, { payload: { visibility: 'public' } })))
  t.ok(await changes(() => ask('PATCH', `/v1/media/${media.id}`, { payload: { visibility: 'private' } })))
  t.ok(await changes(() => add(text())), 'one that comes out of quarantine')
})

t.test('a file is removed with all that was made of it: 204, and then 404 everywhere', async (t) => {
  const media = await add(text())
  t.equal((await visit(`/media/${media.id}`)).statusCode, 200)
  t.equal(outcome(await ask('DELETE', `/v1/media/${media.id}`, { site: b })), '404 MEDIA_UNKNOWN')
  t.equal((await ask('DELETE', `/v1/media/${media.id}`)).statusCode, 204)
  for (const url of [`/v1/media/${media.id}`, `/v1/media/${media.id}/original`]) t.equal(outcome(await ask('GET', url)), '404 MEDIA_UNKNOWN')
  t.equal(outcome(await visit(`/media/${media.id}`)), '404 MEDIA_UNKNOWN')
  t.equal(outcome(await ask('DELETE', `/v1/media/${media.id}`)), '404 MEDIA_UNKNOWN')
  t.notOk((await keysOf()).some((key) => key.includes(media.id)))
  t.equal((await eventsOf(media.id)).at(-1), 'media.removed')
})

async function newEntry(document: object, form = false) {
  const [collectionId, id] = [newId(), newId()]
  const slug = `c-${id.slice(-12)}`
  await dbOf(a).collection.create({ data: { tenantId: a.id, id: collectionId, slug, name: 'C', schema: {}, form } })
  await dbOf(a).entry.create({ data: { tenantId: a.id, id, collectionId, slug: 'one', data: document } })
  return { id, collection: slug }
}

t.test('a file that an entry uses is not removed: 409 MEDIA_IN_USE says by which, until the entry lets go', async (t) => {
  const media = await add(text())
  const entry = await newEntry({ body: `<img src="/media/${media.id.toUpperCase()}?w=640">`, list: [{ file: media.id }] })
  const answer = await ask('DELETE', `/v1/media/${media.id}`)
  t.equal(outcome(answer), '409 MEDIA_IN_USE')
  t.same(answer.json().issues, [{ path: '', message: `is used by the entry one of the collection ${entry.collection}`, reason: entry.id }])
  t.ok((await keysOf()).includes(`media/${media.id}/original`))
  await dbOf(a).entry.updateMany({ where: { id: entry.id }, data: { data: { body: 'without it' } } })
  t.equal((await ask('DELETE', `/v1/media/${media.id}`)).statusCode, 204)
})

t.test('an entry that is removed lets go, and so does its collection', async (t) => {
  const media = await add(text())
  const [one, other] = [await newEntry({ file: media.id }), await newEntry({ file: media.id })]
  t.equal((await ask('DELETE', `/v1/media/${media.id}`)).json().issues.length, 2)
  await dbOf(a).entry.deleteMany({ where: { id: one.id } })
  await dbOf(a).collection.deleteMany({ where: { slug: other.collection } })
  t.equal((await ask('DELETE', `/v1/media/${media.id}`)).statusCode, 204)
})

t.test('what visitors send in, and entries of another site, hold nothing', async (t) => {
  const media = await add(text())
  await newEntry({ message: media.id }, true)
  const [collection] = await dbOf(b).collection.findMany({ select: { id: true }, take: 1 })
  await dbOf(b).entry.create({ data: { tenantId: b.id, id: newId(), collectionId: collection?.id ?? '', slug: 'theirs', data: { file: media.id } } })
  t.equal((await ask('DELETE', `/v1/media/${media.id}`)).statusCode, 204)
})

t.test('of a removal and an entry that come at once, never both win', async (t) => {
  for (let round = 0; round < 10; round++) {
    const media = await add(text())
    const [entry, removal] = await Promise.allSettled([newEntry({ file: media.id }), ask('DELETE', `/v1/media/${media.id}`)])
    const isThere = (await rowsOf()).some(({ id }) => id === media.id)
    const { rows } = await data.owner.query('select 1 from media_references where tenant_id = $1 and media_id = $2', [a.id, media.id])
    t.equal(rows.length, isThere && entry.status === 'fulfilled' ? 1 : 0)
    t.ok(removal.status === 'fulfilled' && [204, 409].includes(removal.value.statusCode))
  }
})

t.test('a whole site can go, with entries that use its files', async (t) => {
  await newEntry({ file: (await add(text())).id })
  await data.owner.query('begin')
  await data.owner.query('delete from tenants where id = $1', [a.id])
  t.equal((await data.owner.query('select 1 from media where tenant_id = $1', [a.id])).rowCount, 0)
  await data.owner.query('rollback')
})
