import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { brokenBodies } from './broken-bodies.ts'
import { storageContract } from './contract.ts'
import { startS3 } from './s3-server.ts'

const server = await startS3(t)
if (server) {
  const storage = createS3Storage(server.settings)
  t.teardown(() => storage.close())
  storageContract(t, storage)
  brokenBodies(t, storage, { driver: 's3', ...server.settings })

  t.test('a signed address hands the object out under the type and name that were signed, and not for ever', async (t) => {
    await storage.put('signed/file', Buffer.from('hello'), { contentType: 'text/plain' })
    const said = { contentType: 'application/pdf', contentDisposition: 'attachment; filename="a.pdf"' }
    const url = (await storage.signedUrl('signed/file', { ...said, expiresIn: 60 })) ?? ''
    const answer = await fetch(url)
    t.equal(answer.status, 200)
    t.equal(await answer.text(), 'hello')
    t.equal(answer.headers.get('content-type'), said.contentType)
    t.equal(answer.headers.get('content-disposition'), said.contentDisposition)
    t.equal((await fetch(url.replace('signed/file', 'signed/other'))).status, 403, 'another object')
    t.equal((await fetch(url.replace('application%2Fpdf', 'text%2Fhtml'))).status, 403, 'another type')
    t.equal((await fetch(url, { method: 'PUT', body: 'x' })).status, 403, 'to write')
    const short = (await storage.signedUrl('signed/file', { ...said, expiresIn: 1 })) ?? ''
    await delay(2_500)
    t.equal((await fetch(short)).status, 403, 'too late')
  })

  t.test('a part goes straight to the bucket by its signed address, and at no other size', async (t) => {
    const upload = { key: 'signed/parts', id: await storage.parts.begin('signed/parts', { contentType: 'video/mp4' }) }
    const url = (await storage.parts.signedUrl(upload, { part: 1, size: 10, expiresIn: 60 })) ?? ''
    for (const size of [9, 11]) t.equal((await fetch(url, { method: 'PUT', body: Buffer.alloc(size) })).status, 403, `${size} bytes for 10`)
    t.same(await storage.parts.list(upload), [])
    const sent = await fetch(url, { method: 'PUT', body: Buffer.alloc(10, 'x') })
    t.equal(sent.status, 200)
    const parts = await storage.parts.list(upload)
    t.same(parts, [{ part: 1, size: 10, etag: sent.headers.get('etag') }])
    t.match(await storage.parts.complete(upload, parts), { size: 10 })
  })

  t.test('addresses are signed for where browsers reach the bucket', async (t) => {
    const outside = createS3Storage({ ...server.settings, publicEndpoint: 'https://files.example' })
    t.teardown(() => outside.close())
    const url = await outside.signedUrl('a', { contentType: 'text/plain', contentDisposition: 'inline', expiresIn: 60 })
    t.ok(url?.startsWith(`https://files.example/${server.settings.bucket}/a?`), url ?? 'none')
  })

  t.test('a bucket that browsers do not reach hands out no addresses, and its parts come through the service', async (t) => {
    const inside = createS3Storage({ ...server.settings, publicEndpoint: 'none' })
    t.teardown(() => inside.close())
    t.equal(await inside.signedUrl('a', { contentType: 'text/plain', contentDisposition: 'inline', expiresIn: 60 }), undefined)
    const upload = { key: 'inside', id: await inside.parts.begin('inside', { contentType: 'text/plain' }) }
    t.equal(await inside.parts.signedUrl(upload, { part: 1, size: 10, expiresIn: 60 }), undefined)
    await inside.parts.put(upload, { part: 1, body: Readable.from([Buffer.alloc(10, 1)]), size: 10 })
    t.match(await inside.parts.complete(upload, await inside.parts.list(upload)), { size: 10 })
  })
}
