import { once } from 'node:events'
import { request as ask } from 'node:http'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { mp4Of } from '../files/hostile-files.ts'
import { multipart } from '../multipart.ts'
import { listen } from '../raw-request.ts'
import { startFaultyProxy } from '../storage/faulty-proxy.ts'
import { startS3 } from '../storage/s3-server.ts'
import { createMediaApp } from './media-calls.ts'

t.test(
  'a bucket that falls silent during an upload, also to what tidies up, with the patience of production: 503 before the connection is closed',
  async (t) => {
    const server = await startS3(t)
    if (!server) return
    const proxy = await startFaultyProxy(t, server.settings.endpoint)
    const { app, a, tokenOf, rowsOf } = await createMediaApp(t, {
      overrides: { storage: createS3Storage({ ...server.settings, endpoint: proxy.url }) },
    })
    const port = await listen(app)
    const { payload, headers } = multipart({ name: 'a.mp4', bytes: mp4Of(30 * 1024 * 1024) })
    const authorization = `Bearer ${await tokenOf(a)}`
    proxy.fail('stall', Number.POSITIVE_INFINITY, /^(PUT|GET|DELETE) /)
    const request = ask({ port, method: 'POST', path: '/v1/media', headers: { ...headers, host: a.host, authorization } })
    request.end(payload)
    const [answer] = await once(request, 'response')
    t.match({ status: answer.statusCode, body: await text(answer) }, { status: 503, body: /STORAGE_UNAVAILABLE/ })
    t.same(await rowsOf(), [])
    proxy.heal()
  },
)
