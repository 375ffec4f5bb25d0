import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What `npm run build` has made of web/. */
export interface BuiltAssets {
  folder: string
  /** Where pages load this file of web/ from: `account/account.css`. */
  address(source: string): string
}

const built = fileURLToPath(new URL('../../public/', import.meta.url))

/** Refuses what is not there: pages would go without their looks and scripts. */
export async function readBuiltAssets(folder = built): Promise<BuiltAssets> {
  const manifest = await readManifest(join(folder, 'manifest.json'))
  return {
    folder: join(folder, 'assets'),
    address(source) {
      const file: unknown = Reflect.get(Object(Reflect.get(manifest, source)), 'file')
      if (typeof file !== 'string') throw new TypeError(`web/${source} is not in the manifest of the build`)
      return `/${file}`
    },
  }
}

async function readManifest(file: string): Promise<object> {
  try {
    return Object(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    throw new Error('What pages load has not been built. Run: npm run build', { cause })
  }
}
