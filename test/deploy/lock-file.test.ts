import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../house/import-graph.ts'

interface Locked {
  version?: string
  resolved?: string
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

const packages: Record<string, Locked> = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')).packages

/** As Node looks for it: in the package's own folder first, then in each folder above. */
function isLocked(name: string, from: string): boolean {
  if (packages[`${from ? `${from}/` : ''}node_modules/${name}`]) return true
  return from !== '' && isLocked(name, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))))
}

t.test('the lock file has every package of every platform, so that `npm ci` takes it, and an image for arm64 lacks nothing', (t) => {
  t.ok(packages['node_modules/@node-rs/bcrypt-linux-arm64-gnu'], 'control')
  for (const [folder, { dependencies, optionalDependencies }] of Object.entries(packages)) {
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (!isLocked(name, folder)) t.fail(`${folder || 'package.json'} needs ${name}`)
    }
  }
  t.end()
})

t.test('the lock file names no registry: everybody takes packages from their own', (t) => {
  t.same(
    Object.entries(packages).filter(([, { resolved }]) => resolved),
    [],
  )
  t.end()
})
