import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { compressedCopies } from '../src/files/compressed-copies.ts'

/** What pages load, as they name it. The console's own page becomes one more line. */
const entries = ['account/account.css', 'account/passkey.js', 'home/home.css']

export interface BuildOptions {
  /** Folder that the entries are in. */
  source?: string
  /** Folder that is made anew: `assets/<name>-<hash>.<extension>`, and `manifest.json`, which says what became of each entry. */
  target?: string
}

/**
 * The same sources give the same names and bytes, wherever and however often they are built. The old folder stays until the new one is complete.
 */
export async function buildAssets({ source = ours('.'), target = ours('../public') }: BuildOptions = {}): Promise<void> {
  const fresh = `${target}.${process.pid}`
  try {
    await build({
      root: source,
      configFile: false,
      // Nothing from outside of the sources: Vite would look for both, above them too.
      envDir: false,
      css: { postcss: {} },
      publicDir: false,
      logLevel: 'warn',
      build: {
        outDir: fresh,
        emptyOutDir: true,
        manifest: 'manifest.json',
        // Pages' policies allow nothing that is written into an address.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        rolldownOptions: { input: entries.map((entry) => join(source, entry)) },
      },
    })
    await compressFiles(join(fresh, 'assets'))
    await rm(target, { recursive: true, force: true })
    await rename(fresh, target)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

/** Beside each file `.br` and `.gz`, where that is smaller. */
async function compressFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const copies = await compressedCopies(await readFile(join(folder, name)))
    for (const [suffix, copy] of copies) await writeFile(join(folder, name + suffix), copy)
  }
}

function ours(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
