import t from 'tap'
import { Compile } from 'typebox/compile'
import { listCollections } from '../../src/content/list-collections.ts'
import { readEntry } from '../../src/content/read-entry.ts'
import { createTestApp, type TestSite } from '../app.ts'
import { addEntries } from './entries.ts'

const { data, a, b, call } = await createTestApp(t)
await addEntries(data, a, 'posts', [
  { slug: 'draft', status: 'draft', publishedAt: null },
  { slug: 'withdrawn', status: 'draft' },
  { slug: 'archived', status: 'archived' },
  { slug: 'only-a' },
])
await addEntries(data, a, 'messages', [{ slug: 'private', data: { title: 'private words' } }])

const read = (site: TestSite, slug: string, collection = 'posts') => call(site, { url: `/v1/collections/${collection}/entries/${slug}` })
const stored = async (slug: string) => (await data.owner.query('select from entries where slug = $1', [slug])).rowCount

t.test('an entry has the shape of its schema: 200', async (t) => {
  const entry = await read(a, 'post-1')
  t.equal(entry.statusCode, 200)
  t.ok(Compile(readEntry.schema.response[200]).Check(entry.json()))
  t.match(entry.json(), { slug: 'post-1', collection: 'posts', data: { title: 'Post 1 of site-a', summary: 'Summary 1' } })
})

t.test('collections come in their order, with their schema, without those of staff: 200', async (t) => {
  const answer = await call(a, { url: '/v1/collections' })
  t.equal(answer.statusCode, 200)
  t.ok(Compile(listCollections.schema.response[200]).Check(answer.json()))
  t.same(
    answer.json().items.map(({ slug }: { slug: string }) => slug),
    ['posts'],
  )
  t.equal((await data.owner.query(`select from collections where tenant_id = $1 and slug = 'messages'`, [a.id])).rowCount, 1, 'it is there')
})

t.test('a draft or archived entry answers 404 ENTRY_UNKNOWN and is in no list', async (t) => {
  for (const slug of ['draft', 'withdrawn', 'archived']) {
    t.equal(await stored(slug), 1, 'it is there')
    t.equal((await read(a, slug)).statusCode, 404, slug)
    t.equal((await read(a, slug)).json().code, 'ENTRY_UNKNOWN')
  }
  t.equal((await read(a, 'never-was')).json().code, 'ENTRY_UNKNOWN', 'like one that never was')
  const { items } = (await call(a, { url: '/v1/collections/posts/entries?limit=100' })).json()
  t.same(items.map(({ slug }: { slug: string }) => slug).sort(), ['only-a', 'post-1', 'post-2', 'post-3'])
  t.notMatch((await call(a, { url: '/' })).body, /draft|withdrawn|archived/)
})

t.test('a staff collection answers 404 COLLECTION_UNKNOWN, list and entry, also to its owner’s bearer token', async (t) => {
  t.equal(await stored('private'), 1, 'it is there')
  for (const url of ['/v1/collections/messages/entries', '/v1/collections/messages/entries/private']) {
    const answer = await call(a, { url })
    t.equal(answer.statusCode, 404, url)
    t.equal(answer.json().code, 'COLLECTION_UNKNOWN')
  }
  t.notMatch((await call(a, { url: '/' })).body, /private words/)
})

t.test('another site’s entry answers 404 ENTRY_UNKNOWN', async (t) => {
  t.equal((await read(a, 'only-a')).statusCode, 200, 'control')
  t.equal((await read(b, 'only-a')).json().code, 'ENTRY_UNKNOWN')
  t.equal((await read(a, 'post-1')).json().data.title, 'Post 1 of site-a')
  t.equal((await read(b, 'post-1')).json().data.title, 'Post 1 of site-b')
})
