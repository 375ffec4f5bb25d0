import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { takeOwnership } from '../../src/embedded/cluster-owner.ts'

async function emptyHome(t: Test): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'tenantry-owner-'))
  t.teardown(() => rm(home, { recursive: true, force: true }))
  return home
}

test('a second owner is refused while the first lives, and taken after it has let go', async (t) => {
  const home = await emptyHome(t)
  const release = await takeOwnership(home)
  await t.rejects(takeOwnership(home), { message: /Another Tenantry .* set DATA_DIR to another folder/ })
  await release()
  await (await takeOwnership(home))()
})

test('the mark of a process that is gone does not count', async (t) => {
  const home = await emptyHome(t)
  const gone = spawn(process.execPath, ['-e', ''])
  await once(gone, 'exit')
  await writeFile(join(home, 'owner.pid'), `${gone.pid} 1`)
  const release = await takeOwnership(home)
  t.match(await readFile(join(home, 'owner.pid'), 'utf8'), new RegExp(`^${process.pid}\\b`))
  await release()
})

const onLinux = process.platform === 'linux' ? {} : { skip: 'the time of start is read from /proc' }

test('the mark of another process that had the same id does not count', onLinux, async (t) => {
  const home = await emptyHome(t)
  await writeFile(join(home, 'owner.pid'), `${process.ppid} 1`)
  await (await takeOwnership(home))()
  t.pass('it was taken')
})
