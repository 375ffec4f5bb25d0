import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { readBuiltAssets } from '../../src/files/built-assets.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('without a build, or with half of one, the start is refused with a line that says what to run', async (t) => {
  const folder = await temporaryFolder(t)
  const refused = { name: 'Error', message: 'What pages load has not been built. Run: npm run build' }
  await t.rejects(readBuiltAssets(join(folder, 'nothing')), refused)
  await writeFile(join(folder, 'manifest.json'), '{"account/acc')
  await t.rejects(readBuiltAssets(folder), refused)
})

test('a file of web/ has the address that the manifest gives it; one that is not there is a mistake of ours', async (t) => {
  const folder = await temporaryFolder(t)
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'manifest.json'), '{"account/account.css":{"file":"assets/account-abc.css"}}')
  const assets = await readBuiltAssets(folder)
  t.equal(assets.folder, join(folder, 'assets'))
  t.equal(assets.address('account/account.css'), '/assets/account-abc.css')
  for (const source of ['account/other.css', 'constructor', '']) t.throws(() => assets.address(source), TypeError, source)
})
