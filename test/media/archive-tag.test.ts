import { GetObjectTaggingCommand } from '@aws-sdk/client-s3'
import t, { type Test } from 'tap'
import { openS3Client, type S3Settings } from '../../src/storage/s3-client.ts'
import { brandCalls } from '../branding/brand-calls.ts'
import { mp4Of, pdf } from '../files/hostile-files.ts'
import { startS3 } from '../storage/s3-server.ts'
import { createMediaApp, photo } from './media-calls.ts'
import { bucketEnv } from './storages.ts'

const MB = 1024 * 1024
const archived = [{ Key: 'archive', Value: 'yes' }]
const files = {
  'a.png': { bytes: await photo(800, 600), tags: archived },
  'a.pdf': { bytes: pdf, tags: archived },
  'in-many-parts.pdf': { bytes: Buffer.concat([pdf, Buffer.alloc(6 * MB)]), tags: archived },
  'a.mp4': { bytes: mp4Of(5_000), tags: [] },
}

t.test('what a bucket’s lifecycle goes by: originals of images and documents are tagged for the archive, and nothing else is', async (t) => {
  const server = await startS3(t)
  if (!server) return
  const tools = await createMediaApp(t, { env: bucketEnv(server.settings) })
  const { add, ask, check, a, app } = tools
  const tagsOf = readTags(t, server.settings)
  const originalOf = (id: string) => `tenants/${a.id}/media/${id}/original`
  const ready = async (id: string) => (await ask('GET', `/v1/media/${id}`)).json()
  const sendInParts = async (name: string, bytes: Buffer): Promise<string> => {
    const { id } = (await ask('POST', '/v1/media/uploads', { payload: { name, size: bytes.length } })).json()
    const { addresses } = (await ask('POST', `/v1/media/uploads/${id}/addresses`, { payload: { parts: [1] } })).json()
    await fetch(addresses[0].address, { method: 'PUT', body: new Uint8Array(bytes) })
    await ask('POST', `/v1/media/uploads/${id}/complete`)
    await check(id)
    return id
  }

  for (const [name, { bytes, tags }] of Object.entries(files)) {
    t.test(`${name}: ${tags.length} in one request, and straight to the bucket`, async (t) => {
      const { id, status } = await add({ name, bytes })
      t.equal(status, 'ready')
      t.same(await tagsOf(originalOf(id)), tags)
      const direct = await sendInParts(name, bytes)
      t.match(await ready(direct), { status: 'ready', size: bytes.length })
      t.same(await tagsOf(originalOf(direct)), tags)
    })
  }

  t.test('variants of images and files of a brand stay where they are', async (t) => {
    const own = await brandCalls(tools, a)
    const logo = await own.image('#ff0000')
    await own.publish((spec) => ({ ...spec, images: { ...spec.images, logo } }))
    const keys = (await Array.fromAsync(app.objectStorage.list(`tenants/${a.id}/`))).map(({ key }) => key)
    const others = keys.filter((key) => !key.endsWith('/original'))
    for (const kind of ['/media/', '/brand/'])
      t.ok(
        others.some((key) => key.includes(kind)),
        `control: there are some of ${kind}`,
      )
    for (const key of others) t.same(await tagsOf(key), [], key)
  })
})

function readTags(t: Test, settings: S3Settings) {
  const client = openS3Client(settings)
  t.teardown(() => client.destroy())
  return async (key: string) => (await client.send(new GetObjectTaggingCommand({ Bucket: settings.bucket, Key: key }))).TagSet
}
