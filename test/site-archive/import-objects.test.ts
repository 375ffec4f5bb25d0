import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'tap'
import { nameObjects } from '../../src/cli/site-archive/name-objects.ts'
import { checkArchive } from '../../src/site-archive/check-archive.ts'
import { encrypt } from '../../src/site-archive/encryption.ts'
import { writeArchive } from '../../src/site-archive/write-archive.ts'
import { tenantStorage } from '../../src/storage/tenant-storage.ts'
import { addFullSite, createHub, objectsOf, recipient, sourceOf } from './hub.ts'

test('files that no row of the archive names, or that come twice, are refused', async (t) => {
  const hub = await createHub(t)
  const { id } = await addFullSite(hub, 'cecab')
  const { exported } = await hub.export('cecab')
  const before = await objectsOf(hub.storage)
  const made = async (keys: readonly string[]) => {
    const plain = writeArchive(async (writer) => {
      const tables = exported.manifest.tables.map((table) => ({ ...table, rows: table.name === 'brand_assets' ? 1 : 0 }))
      await writer.part('manifest.json', JSON.stringify({ ...exported.manifest, hosts: [], tables }))
      await writer.part('tables/brand_assets/000001.ndjson', `${JSON.stringify({ id, content_type: 'font/woff2' })}\n`)
      for (const key of keys) await writer.object(key, { stream: Readable.from([Buffer.from('font')]), size: 4 }, { contentType: 'font/woff2' })
    })
    return buffer(await encrypt(plain.bytes, { recipients: [recipient] }))
  }
  const check = async (keys: readonly string[]) => checkArchive(sourceOf(await made(keys)), { naming: nameObjects })
  t.match(await check([`brand/${id}`]), { objects: 1, unnamed: 0, countedBytes: 0, objectBytes: 4 }, 'control')
  t.match(await check([]), { objects: 0, unnamed: 0 }, 'one that went without it is whole')
  const refusal = { message: /\n {2}Files of the archive belong to no row of it, or come twice \(1\): .+ Export the site again\.$/ }
  for (const keys of [['nobody/names/this'], [`brand/${id}`, `brand/${id}`]]) {
    await t.rejects(hub.import(await made(keys), { newId: true, as: 'copy' }), refusal, keys.join(' '))
  }
  t.same(await objectsOf(hub.storage), before, 'nothing was written')
})

test('the quota is held by what comes in, whatever rows and manifest say of it', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const { id } = await addFullSite(here, 'cecab')
  const grown = async (key: string) => {
    const own = tenantStorage(here.storage, id)
    for (const small of ['original', 'w640.avif']) await own.put(`media/${id}/${small}`, Buffer.from(small), { contentType: 'image/png' })
    await own.put(key, Buffer.alloc(5_000_000, 'x'), { contentType: 'image/png' })
    const { archive, exported } = await here.export('cecab')
    t.equal(exported.manifest.mediaBytes, 1, 'control')
    return archive
  }
  const original = await grown(`media/${id}/original`)
  await t.rejects(there.import(original, {}, { quota: 1000 }), {
    message: "Nothing was imported:\n  The site's media take up 5 MB, and MEDIA_QUOTA_MB allows 1: raise it.",
  })
  await t.rejects(there.import(await grown(`media/${id}/w640.avif`), {}, { quota: 1000 }), {
    message: 'Nothing was imported:\n  What is made of its media, and the files of its brand, take up 5 MB, and MEDIA_QUOTA_MB allows 1: raise it.',
  })
  t.same(await objectsOf(there.storage), {})
  t.match(await there.import(original, {}, { quota: 5_000_000 }), { objectBytes: 5_000_000 + 9 + 'font of cecab'.length })
})
