import { readFile } from 'node:fs/promises'

/** What a script of package.json that starts Node gives it: `npm run <name>` without npm. */
export async function npmScript(name: 'start' | 'tenantry'): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
  return String(scripts[name]).split(' ').slice(1)
}
