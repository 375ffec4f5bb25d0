import t from 'tap'
import { createTestApp } from '../app.ts'
import { eventually } from '../eventually.ts'
import { addEntries } from './entries.ts'

const { app, data, a, b, call } = await createTestApp(t)

t.test('the home page shows the site’s own name, tagline and newest entries, and where to go: 200', async (t) => {
  for (const [site, other] of [[a, b] as const, [b, a] as const]) {
    const page = await call(site, { url: '/' })
    t.equal(page.statusCode, 200)
    t.equal(page.headers['content-type'], 'text/html; charset=utf-8')
    t.match(page.body, /^<!doctype html>\n<html lang="pt-ST">/)
    t.match(page.body, `<title>Name of ${site.slug}</title>`)
    t.match(page.body, `<h1>Name of ${site.slug}</h1>`)
    t.match(page.body, 'A tagline')
    t.notMatch(page.body, other.slug)
    for (const address of ['/v1/site', '/docs/', '/openapi.json', '/v1/collections/posts/entries', '/v1/collections/posts/entries/post-1']) {
      t.match(page.body, `href="${address}"`)
      t.equal((await call(site, { url: address })).statusCode, 200, `${address} leads somewhere`)
    }
    const titles = [...page.body.matchAll(/Post (\d) of/g)].map(([, day]) => day)
    t.same(titles, ['3', '2', '1'], 'newest first')
    t.match(page.body, '1 de março de 2026', 'in the site’s language and time zone')
  }
})

t.test('the policy lets in the site’s own stylesheets and nothing else', async (t) => {
  const page = await call(a, { url: '/' })
  t.equal(
    page.headers['content-security-policy'],
    "default-src 'none'; img-src 'self'; font-src 'self'; manifest-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  const linked = [...page.body.matchAll(/<link rel="stylesheet" href="([^"]+)">/g)].map(([, address = '']) => address)
  t.match(linked, [/^\/brand\/theme\.[\w-]{16}\.css$/, /^\/assets\/home-[\w-]{8}\.css$/])
  for (const url of linked) t.match((await call(a, { url })).headers['content-type'], 'text/css', `${url} is there`)
  t.notMatch(page.body, /<script|<style|style="|\son\w+=|javascript:|https?:\/\//, 'nothing that the policy would stop')
})

t.test('what a tenant wrote is shown as text, never as markup', async (t) => {
  const evil = `<script>alert(1)</script>"'&<img src=x onerror=alert(1)>`
  await addEntries(data, a, 'posts', [
    { slug: 'evil', data: { title: evil, summary: evil }, publishedAt: '2026-12-01T10:00:00Z' },
    { slug: 'odd', data: { title: 7, summary: { toString: 'x' } }, publishedAt: '2026-12-02T10:00:00Z' },
    { slug: 'named', data: { name: 'By name', body: 'By body' }, publishedAt: '2026-12-03T10:00:00Z' },
    { slug: 'list', data: [1, 2], publishedAt: '2026-12-04T10:00:00Z' },
  ])
  await data.owner.query('update sites set name = $2 where tenant_id = $1', [a.id, `Site ${evil}`])
  await data.owner.query('update brands set tagline = $2, short_name = $3 where tenant_id = $1', [a.id, `Tag ${evil}`, '<b>short</b>'])
  await data.owner.query(`update collections set name = $2 where tenant_id = $1 and slug = 'posts'`, [a.id, `Posts ${evil}`])
  await eventually(t, 'the page shows them', async () => (await call(a, { url: '/' })).body.includes('By name'))
  const { body } = await call(a, { url: '/' })
  t.notMatch(body, /<script|<img|<b>/)
  t.equal(body.split('&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#38;').length - 1, 8, 'all eight, escaped')
  t.match(body, '>odd</a>', 'an entry without a title is called by its slug')
  t.match(body, 'By body')
})

t.test('a site without entries or public collections has a page too: 200', async (t) => {
  await data.owner.query('delete from entries where tenant_id = $1', [b.id])
  await eventually(t, 'no entry is shown', async () => !(await call(b, { url: '/' })).body.includes('Post 1'))
  t.equal((await call(b, { url: '/' })).statusCode, 200)
  await data.owner.query('delete from collections where tenant_id = $1', [b.id])
  await eventually(t, 'no collection is shown', async () => !(await call(b, { url: '/' })).body.includes('/v1/collections/'))
  t.equal((await call(b, { url: '/' })).statusCode, 200)
})

t.test('a site without a language we have is shown in English', async (t) => {
  await data.owner.query(`update sites set locale = 'sw-TZ' where tenant_id = $1`, [b.id])
  await eventually(t, 'the page is in its language', async () => (await call(b, { url: '/' })).body.includes('<html lang="sw-TZ">'))
  t.match((await call(b, { url: '/' })).body, 'Where to go next')
})

t.test('other methods on the home page answer 404 ROUTE_UNKNOWN', async (t) => {
  const answer = await app.inject({ method: 'POST', url: '/', headers: { host: a.host } })
  t.equal(answer.statusCode, 404)
  t.equal(answer.json().code, 'ROUTE_UNKNOWN')
})
