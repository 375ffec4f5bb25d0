import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { test } from 'tap'
import { buildAssets } from '../../web/build-assets.ts'
import { root } from '../house/import-graph.ts'
import { temporaryFolder } from '../temporary-folder.ts'

async function filesOf(target: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(join(target, 'assets'))).sort()
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(target, 'assets', name))] as const)))
}

test('built twice, also from another place, it is the same names and bytes', async (t) => {
  const folder = await temporaryFolder(t)
  await buildAssets({ target: join(folder, 'one') })
  const one = await filesOf(join(folder, 'one'))
  t.ok(one.size >= 9)
  await cp(join(root, 'web'), join(folder, 'elsewhere'), { recursive: true })
  await buildAssets({ source: join(folder, 'elsewhere'), target: join(folder, 'two') })
  await buildAssets({ source: join(folder, 'elsewhere'), target: join(folder, 'two') })
  t.strictSame(await filesOf(join(folder, 'two')), one)
  const manifests = ['one', 'two'].map((name) => readFile(join(folder, name, 'manifest.json'), 'utf8'))
  t.equal(await manifests[0], await manifests[1])
  t.same((await readdir(folder)).sort(), ['elsewhere', 'one', 'two'], 'nothing is left lying about')
})

test('the name changes with what is in a file, and with nothing else', async (t) => {
  const folder = await temporaryFolder(t)
  const [source, target] = [join(folder, 'web'), join(folder, 'public')]
  await cp(join(root, 'web'), source, { recursive: true })
  await buildAssets({ source, target })
  const before = [...(await filesOf(target)).keys()]
  const style = join(source, 'home/home.css')
  await writeFile(style, `${await readFile(style, 'utf8')}main{outline:0}`)
  await buildAssets({ source, target })
  const after = [...(await filesOf(target)).keys()]
  const plain = /^([a-z]+)-[\w-]{8}\.(?:css|js)$/
  for (const name of [...before, ...after]) t.match(name.replace(/\.(?:br|gz)$/, ''), plain)
  t.same(
    after.filter((name) => !before.includes(name)).map((name) => name.replace(/-[\w-]{8}/, '')),
    ['home.css', 'home.css.br', 'home.css.gz'],
  )
  t.equal(after.length, before.length, 'the old file is gone')
})

test('beside each file lie compressed copies of the same bytes that are smaller', async (t) => {
  const folder = await temporaryFolder(t)
  const source = join(folder, 'web')
  await cp(join(root, 'web'), source, { recursive: true })
  // Too little to become smaller.
  await writeFile(join(source, 'home/home.css'), 'a{top:0}')
  await buildAssets({ source, target: join(folder, 'public') })
  const files = await filesOf(join(folder, 'public'))
  const uncompressed = [...files].filter(([name]) => !/\.(?:br|gz)$/.test(name))
  t.equal(uncompressed.length, 3)
  for (const [name, bytes] of uncompressed) {
    const [br, gz] = [files.get(`${name}.br`), files.get(`${name}.gz`)]
    if (name.startsWith('home')) {
      t.same([br?.length, gz?.length], [undefined, undefined], name)
      continue
    }
    t.ok(br && brotliDecompressSync(br).equals(bytes) && br.length < bytes.length / 2, `${name}.br`)
    t.ok(gz && gunzipSync(gz).equals(bytes) && gz.length < bytes.length / 2, `${name}.gz`)
    const written = (await stat(join(root, 'web/account', name.replace(/-[\w-]{8}/, '')))).size
    t.ok(bytes.length < written, `${name} is smaller than what was written`)
  }
})

test('a mistake in a source fails the build, and what was built before stays', async (t) => {
  const folder = await temporaryFolder(t)
  const [source, target] = [join(folder, 'web'), join(folder, 'public')]
  await cp(join(root, 'web'), source, { recursive: true })
  await buildAssets({ source, target })
  const before = await filesOf(target)
  await writeFile(join(source, 'account/passkey.js'), 'const = 1')
  await t.rejects(buildAssets({ source, target }))
  t.strictSame(await filesOf(target), before)
  t.same((await readdir(folder)).sort(), ['public', 'web'])
})
