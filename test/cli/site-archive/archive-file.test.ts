import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'tap'
import { withArchive, writeFileWhole } from '../../../src/cli/site-archive/archive-file.ts'
import { sealWithAge } from '../../../src/security/age.ts'
import { identity, recipient } from '../../site-archive/hub.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const signal = new AbortController().signal

test('an export puts nothing in place of a file that came meanwhile', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'cecab.age')
  async function* archive() {
    yield Buffer.from('begin')
    await writeFile(path, 'of somebody else')
    yield Buffer.from('end')
  }
  await t.rejects(writeFileWhole(path, Readable.from(archive()), signal), { message: `${path} is there already: give another name.` })
  t.equal(await readFile(path, 'utf8'), 'of somebody else')
  t.same(await readdir(folder), ['cecab.age'])
  await writeFileWhole(`${path}.2`, Readable.from([Buffer.from('whole')]), signal)
  t.equal(await readFile(`${path}.2`, 'utf8'), 'whole')
  t.equal((await stat(`${path}.2`)).mode & 0o777, 0o600)
})

test('every pass of an import reads the file that the first one read', async (t) => {
  const folder = await temporaryFolder(t)
  const [path, other] = [join(folder, 'cecab.age'), join(folder, 'other.age')]
  const plain = Buffer.alloc(300_000, 'one')
  for (const [file, bytes] of [[path, plain] as const, [other, Buffer.from('other')] as const]) {
    await writeFile(file, await buffer(await sealWithAge(Readable.from([bytes]), { recipients: [recipient] })))
  }
  await withArchive({ path, key: { identities: [identity] }, signal }, async (source) => {
    t.ok((await buffer(await source.open())).equals(plain))
    const half = await source.open()
    for await (const _ of half) break
    await rename(other, path)
    t.ok((await buffer(await source.open())).equals(plain), 'also where another took its name')
  })
  const folderRead = withArchive({ path: folder, key: { identities: [identity] }, signal }, async (source) => source.open())
  await t.rejects(folderRead, { message: `${folder} is no file, and it is read more than once: give - and a pipe.` })
})
