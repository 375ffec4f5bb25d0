import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { generateX25519Identity } from 'age-encryption'
import fc from 'fast-check'
import { test } from 'tap'
import { pack } from 'tar-stream'
import { nameObjects } from '../../src/cli/site-archive/name-objects.ts'
import { checkArchive } from '../../src/site-archive/check-archive.ts'
import { createDecrypter, encrypt } from '../../src/site-archive/encryption.ts'
import { type ArchiveWriter, writeArchive } from '../../src/site-archive/write-archive.ts'
import { addFullSite, createHub, objectsOf, passphrase, recipient, sourceOf } from './hub.ts'

const damaged = { message: 'The archive is damaged: it was cut off or changed on its way. Copy it anew, or export the site again.' }
const foreign = { message: 'This is not the archive of a site: give a file that "tenantry site export" wrote.' }

test('an archive that was cut off or changed anywhere is refused before anything is written', async (t) => {
  const hub = await createHub(t)
  await addFullSite(hub, 'cecab')
  const { archive } = await hub.export('cecab')
  const check = (bytes: Buffer) => checkArchive(sourceOf(bytes), { naming: nameObjects })
  t.match(await check(archive), { objects: 3 }, 'control')
  const end = archive.indexOf('\n---') + 60
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 30, max: archive.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const changed = Buffer.from(archive)
      changed[at] = (changed[at] ?? 0) ^ change
      await t.rejects(check(changed), at > end ? damaged : Error, `byte ${at} of ${archive.length} changed by ${change}`)
      await t.rejects(check(archive.subarray(0, at)), at > end ? damaged : Error, `cut off after ${at}`)
    }),
    { numRuns: 15 },
  )
  await t.rejects(check(Buffer.concat([archive, Buffer.from('x')])), damaged)
  await t.rejects(checkArchive(sourceOf(archive, { passphrase }), { naming: nameObjects }), { message: /does not open with this passphrase/ })
  await t.rejects(checkArchive(sourceOf(archive, { identities: [await generateX25519Identity()] }), { naming: nameObjects }), {
    message: /does not open with this key/,
  })
  t.throws(() => createDecrypter({ identities: ['AGE-SECRET-KEY-1NONSENSE'] }), { message: /--identity must name/ })
})

test('what is no archive, or one of somebody else, is called so', async (t) => {
  const check = (bytes: Buffer) => checkArchive(sourceOf(bytes), { naming: nameObjects })
  await t.rejects(check(Buffer.from('')), foreign)
  await t.rejects(check(Buffer.from('PK\u0003\u0004 a zip')), foreign)
  const sealed = async (plain: AsyncIterable<Uint8Array>) => buffer(await encrypt(plain, { recipients: [recipient] }))
  await t.rejects(check(await sealed(Readable.from([Buffer.alloc(2048, 'no tar')]))), foreign)
  await t.rejects(check(await sealed(Readable.from([Buffer.alloc(1024)]))), foreign)
  const tar = pack()
  tar.entry({ name: 'letter.txt' }, 'Dear')
  tar.finalize()
  const other = async function* () {
    for await (const chunk of tar) if (chunk instanceof Uint8Array) yield chunk
  }
  await t.rejects(check(await sealed(other())), foreign)
})

test('an archive whose maker lies about what is in it is refused', async (t) => {
  const hub = await createHub(t)
  await addFullSite(hub, 'cecab')
  const { exported } = await hub.export('cecab')
  const made = async (fill: (writer: ArchiveWriter) => Promise<void>) => {
    const plain = writeArchive(fill)
    return buffer(await encrypt(plain.bytes, { recipients: [recipient] }))
  }
  const manifest = (more: object = {}) => JSON.stringify({ ...exported.manifest, tables: [], hosts: [], ...more })
  const none = await made((writer) => writer.part('manifest.json', manifest()))
  t.match(await checkArchive(sourceOf(none), { naming: nameObjects }), { objects: 0 }, 'control')
  const cases: [string, (writer: ArchiveWriter) => Promise<void>, { message: string | RegExp }][] = [
    [
      'a format of tomorrow',
      (writer) => writer.part('manifest.json', manifest({ format: 2 })),
      { message: /has format 2, and this release reads 1/ },
    ],
    ['a manifest that is none', (writer) => writer.part('manifest.json', '{}'), foreign],
    ['no JSON', (writer) => writer.part('manifest.json', '{'), foreign],
    ['a manifest of megabytes', (writer) => writer.part('manifest.json', ' '.repeat(5 * 1024 ** 2)), foreign],
    ['no manifest', (writer) => writer.part('tables/members/000001.ndjson', '{}\n'), foreign],
    ['rows that are not announced', (writer) => both(writer, 'tables/members/000001.ndjson', '{}\n'), damaged],
    ['a key that leads out', (writer) => both(writer, 'objects/../other', 'x'), foreign],
    ['something else', (writer) => both(writer, 'more.json', '{}'), foreign],
    ['rows after a file', rowsLast, foreign],
    ['two manifests', (writer) => both(writer, 'manifest.json', manifest()), foreign],
  ]
  async function rowsLast(writer: ArchiveWriter): Promise<void> {
    await writer.part('manifest.json', manifest({ tables: [{ name: 'members', columns: [], rows: 1 }] }))
    await writer.object('brand/one', { stream: Readable.from([Buffer.from('font')]), size: 4 }, { contentType: 'font/woff2' })
    await writer.part('tables/members/000001.ndjson', '{}\n')
  }
  async function both(writer: ArchiveWriter, name: string, text: string): Promise<void> {
    await writer.part('manifest.json', manifest())
    await writer.part(name, text)
  }
  for (const [what, fill, refusal] of cases) await t.rejects(checkArchive(sourceOf(await made(fill)), { naming: nameObjects }), refusal, what)
  const before = await objectsOf(hub.storage)
  const strange = await made((writer) =>
    writer.part('manifest.json', manifest({ tables: [{ name: 'pg_authid', columns: ['rolname name'], rows: 0 }] })),
  )
  await t.rejects(hub.import(strange, { newId: true, as: 'copy' }), { message: /since then .*pg_authid.* changed/ })
  t.same(await objectsOf(hub.storage), before)
})
