import { publishedKeys, shapeKey } from '../../auth/keys/key-state.ts'
import type { Database } from '../../db/client.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import { findSites } from '../sites/find-sites.ts'

export async function listKeys(database: Database, slug: string, flags: CommonFlags): Promise<void> {
  const [site] = await findSites(database, slug)
  const rows = site ? await database.forTenant(site.id).signingKey.findMany() : []
  const keys = publishedKeys(rows).map((row) => shapeKey(row))
  print(flags, keys, () => {
    const lines = keys.map(({ kid, state, createdAt, activatesAt, retiredAt }) =>
      [kid.padEnd(43), state.padEnd(7), createdAt, activatesAt, retiredAt ?? '-'].join('  '),
    )
    const header = ['kid'.padEnd(43), 'state'.padEnd(7), 'created'.padEnd(24), 'signs from'.padEnd(24), 'signs until'].join('  ')
    return [header, ...lines].join('\n')
  })
}
