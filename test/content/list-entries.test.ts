import t from 'tap'
import { Compile } from 'typebox/compile'
import { listEntries } from '../../src/content/list-entries.ts'
import { createTestApp, type TestSite } from '../app.ts'
import { eventually } from '../eventually.ts'
import { addEntries } from './entries.ts'

const { app, data, a, b, call } = await createTestApp(t)
const answer200 = Compile(listEntries.schema.response[200])

// Many at one moment, some alone: pages end inside a tie, at its end, and between.
const moments = ['2026-06-01T10:00:00Z', '2026-06-02T10:00:00Z', '2026-06-02T10:00:00.001Z', '1969-12-31T23:59:59Z']
await addEntries(
  data,
  a,
  'posts',
  Array.from({ length: 40 }, (_, at) => ({ slug: `tied-${at}`, publishedAt: moments[at % 4] ?? null })),
)

const list = (site: TestSite, query: string, collection = 'posts') => call(site, { url: `/v1/collections/${collection}/entries?${query}` })

interface Item {
  id: string
  slug: string
  publishedAt: string
}

async function walk(site: TestSite, limit: number): Promise<Item[]> {
  const found: Item[] = []
  let after = ''
  for (let pages = 0; pages < 100; pages++) {
    const { items, next } = (await list(site, `limit=${limit}${after}`)).json()
    found.push(...items)
    if (next === null) return found
    after = `&after=${next}`
  }
  throw new Error('the list does not end')
}

t.test('pages of any size hold every entry once, newest first', async (t) => {
  const whole: Item[] = (await list(a, 'limit=100')).json().items
  t.equal(whole.length, 43)
  const { rows } = await data.owner.query(
    `select e.id from entries e join collections c on c.tenant_id = e.tenant_id and c.id = e.collection_id
     where e.tenant_id = $1 and c.slug = 'posts' order by e.published_at desc, e.id desc`,
    [a.id],
  )
  const order = rows.map(({ id }) => id)
  t.same(
    whole.map(({ id }) => id),
    order,
    'the database’s own order',
  )
  for (const limit of [1, 2, 7, 10, 42, 43, 44]) {
    const ids = (await walk(a, limit)).map(({ id }) => id)
    t.same(ids, order, `limit ${limit}`)
  }
})

t.test('a new entry neither repeats nor hides one of the pages that follow', async (t) => {
  const first = (await list(a, 'limit=5')).json()
  await addEntries(data, a, 'posts', [{ slug: 'newest', publishedAt: '2026-07-01T10:00:00Z' }])
  await eventually(t, 'the list has it', async () => (await list(a, 'limit=100')).body.includes('"newest"'))
  const second = (await list(a, `limit=5&after=${first.next}`)).json()
  const whole: Item[] = (await list(a, 'limit=100')).json().items
  t.same(
    [...first.items, ...second.items].map(({ slug }: Item) => slug),
    whole.slice(1, 11).map(({ slug }) => slug),
  )
  await data.owner.query(`delete from entries where slug = 'newest'`)
})

t.test('a page has the shape of its schema: 200', async (t) => {
  const page = await list(b, 'limit=2')
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], /^application\/json/)
  t.ok(answer200.Check(page.json()), JSON.stringify([...answer200.Errors(page.json())]))
  const [entry] = page.json().items
  t.match(entry, { slug: 'post-3', collection: 'posts', publishedAt: '2026-03-01T10:00:00.000Z', data: { title: 'Post 3 of site-b' } })
  t.equal(page.json().items.length, 2)
})

t.test('without a limit there are 20, and an empty collection is an empty page', async (t) => {
  t.equal((await list(a, '')).json().items.length, 20)
  await data.owner.query(`insert into collections (tenant_id, id, slug, name, schema) values ($1, gen_random_uuid(), 'empty', 'Empty', '{}')`, [a.id])
  t.same((await list(a, '', 'empty')).json(), { items: [], next: null })
})

t.test('a limit out of bounds or no number answers 400 REQUEST_INVALID', async (t) => {
  for (const limit of ['0', '-1', '101', '1.5', 'x', '', '1e9', 'NaN', '0x10', '1&limit=2']) {
    const answer = await list(a, `limit=${limit}`)
    t.equal(answer.statusCode, 400, limit)
    t.equal(answer.json().code, 'REQUEST_INVALID', limit)
  }
  for (const limit of ['1', '100']) t.equal((await list(a, `limit=${limit}`)).statusCode, 200, limit)
})

t.test('a parameter that is not known answers 400 REQUEST_INVALID', async (t) => {
  for (const query of ['limt=5', 'offset=1', '__proto__=1', 'after=a&after=b', 'limit[]=1']) {
    t.equal((await list(a, query)).json().code, 'REQUEST_INVALID', query)
  }
})

t.test('a cursor of another site or collection, or none at all, answers 400 CURSOR_INVALID', async (t) => {
  await data.owner.query(`insert into collections (tenant_id, id, slug, name, schema) values ($1, gen_random_uuid(), 'news', 'News', '{}')`, [a.id])
  await addEntries(data, a, 'news', [{ slug: 'one' }, { slug: 'two' }])
  const own = (await list(a, 'limit=1')).json().next
  const foreign = (await list(b, 'limit=1')).json().next
  const other = (await list(a, 'limit=1', 'news')).json().next
  t.equal((await list(a, `after=${own}`)).statusCode, 200, 'control')
  const [mark, time, id] = Buffer.from(own, 'base64url').toString().split('.')
  const forged = [
    `${mark}.${time}`,
    `${mark}..${id}`,
    `${mark}.-zzzzzzzzzz.${id}`,
    `${mark}.zzzzzzzzzzzz.${id}`,
    `${mark}.${time}.${id}x`,
    `${mark}.${time} .${id}`,
  ]
  const far = [-8.64e15, -6.3e13, 8.64e15].map((ms) => `${mark}.${ms.toString(36)}.${id}`)
  const crafted = [...forged, ...far].map((text) => Buffer.from(text).toString('base64url'))
  for (const cursor of [foreign, other, '', 'x', '%00', 'null', own.slice(0, -4), `${own}AA`, `${own}=`, ...crafted]) {
    const answer = await list(a, `after=${cursor}`)
    t.equal(answer.statusCode, 400, cursor)
    t.match(answer.json().code, cursor === '%00' ? 'REQUEST_INVALID' : 'CURSOR_INVALID', cursor)
  }
  t.equal((await list(a, `after=${'x'.repeat(201)}`)).json().code, 'REQUEST_INVALID')
})

t.test('an unknown collection answers 404 COLLECTION_UNKNOWN and a malformed slug 400', async (t) => {
  t.equal((await list(a, '', 'nothing')).json().code, 'COLLECTION_UNKNOWN')
  t.equal((await list(b, '', 'news')).json().code, 'COLLECTION_UNKNOWN', 'another site’s collection')
  t.equal((await list(a, '', 'news')).statusCode, 200, 'control')
  for (const slug of ['Posts', '-x', 'a_b', 'a%00', 'x'.repeat(64)]) {
    t.equal((await app.inject({ url: `/v1/collections/${slug}/entries`, headers: { host: a.host } })).statusCode, 400, slug)
  }
})
