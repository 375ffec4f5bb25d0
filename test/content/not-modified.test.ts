import t from 'tap'
import { createTestApp, type TestSite } from '../app.ts'
import { eventually } from '../eventually.ts'

const { app, data, a, b, call, another } = await createTestApp(t)
const second = await another()
const urls = ['/v1/site', '/theme.css', '/', '/v1/collections', '/v1/collections/posts/entries', '/v1/collections/posts/entries/post-1']

const read = (site: TestSite, url: string, ifNoneMatch?: string) =>
  call(site, { url, headers: ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch } })

t.test('every public read has an ETag, and answers 304 without a body to whom has it', async (t) => {
  for (const url of urls) {
    const first = await read(a, url)
    t.equal(first.statusCode, 200, url)
    t.equal(first.headers['cache-control'], 'no-cache')
    const etag = String(first.headers.etag)
    t.match(etag, /^"[\w-]+"$/)
    for (const header of [etag, `W/${etag}`, '*', `"x", ${etag}`, `"x",W/${etag} , "y"`]) {
      const again = await read(a, url, header)
      t.equal(again.statusCode, 304, `${url} ${header}`)
      t.equal(again.body, '')
      t.equal(again.headers.etag, etag)
      t.equal(again.headers['content-type'], undefined)
    }
    for (const header of ['"x"', '', etag.slice(1, -1), `${etag}x`, 'W/"x"', etag.toUpperCase() === etag ? '"y"' : etag.toUpperCase()]) {
      t.equal((await read(a, url, header)).statusCode, 200, `${url} ${header}`)
    }
  }
})

t.test('HEAD answers as GET does, without a body', async (t) => {
  for (const url of urls) {
    const head = await call(a, { method: 'HEAD', url })
    t.equal(head.statusCode, 200, url)
    t.equal(head.body, '')
    t.equal(head.headers.etag, (await read(a, url)).headers.etag)
  }
})

t.test('the ETag of the other site does not match: 200', async (t) => {
  for (const url of urls.filter((url) => url !== '/theme.css')) {
    const foreign = String((await read(b, url)).headers.etag)
    t.equal((await read(a, url, foreign)).statusCode, 200, url)
    t.equal((await read(b, url, foreign)).statusCode, 304, 'control')
  }
})

t.test('a change is seen on both instances, and the ETag changes with it', async (t) => {
  const instances = [app, second]
  await eventually(t, 'both instances listen', () => instances.every(({ notifications }) => notifications.healthy))
  const look = (url: string) => Promise.all(instances.map((instance) => instance.inject({ url, headers: { host: a.host } })))
  const changes: [string, string, string[]][] = [
    [`update entries set data = '{"title": "Changed"}' where tenant_id = $1 and slug = 'post-1'`, 'Changed', urls.slice(4)],
    [`update collections set name = 'Renamed' where tenant_id = $1 and slug = 'posts'`, 'Renamed', ['/v1/collections', '/']],
    [`update sites set name = 'New name' where tenant_id = $1`, 'New name', ['/v1/site', '/']],
    [`update brands set primary_color = '#123456' where tenant_id = $1`, '#123456', ['/v1/site', '/theme.css']],
  ]
  for (const [statement, sign, shownAt] of changes) {
    const before = new Map<string, unknown>()
    for (const url of shownAt) {
      const answers = await look(url)
      t.ok(
        answers.every(({ body }) => !body.includes(sign)),
        `${url} does not show it yet`,
      )
      before.set(url, answers[0]?.headers.etag)
    }
    await data.owner.query(statement, [a.id])
    for (const url of shownAt) {
      await eventually(t, `${url} shows ${sign}`, async () => (await look(url)).every(({ body }) => body.includes(sign)))
      for (const { headers } of await look(url)) t.not(headers.etag, before.get(url))
    }
  }
  t.notMatch((await read(b, '/v1/site')).body, /New name|#123456/)
})

t.test('an entry that is withdrawn answers 404 on both instances, and its list is without it', async (t) => {
  const url = '/v1/collections/posts/entries/post-2'
  const status = () => Promise.all([app, second].map(async (instance) => (await instance.inject({ url, headers: { host: a.host } })).statusCode))
  t.same(await status(), [200, 200])
  await data.owner.query(`update entries set status = 'draft' where tenant_id = $1 and slug = 'post-2'`, [a.id])
  await eventually(t, 'both answer 404', async () => (await status()).every((code) => code === 404))
  t.notMatch((await read(a, '/v1/collections/posts/entries')).body, /post-2/)
})
