import type { Command } from 'commander'
import { publishedKeys, shapeKey } from '../auth/keys/key-state.ts'
import { type Rotation, rotateKey } from '../auth/keys/rotate-key.ts'
import type { Database } from '../db/client.ts'
import { isProblem } from '../errors.ts'
import type { SecretBox } from '../security/secret-box.ts'
import { findSites, type Site } from './find-sites.ts'

type Lend = (work: (database: Database, box: SecretBox) => Promise<void>) => Promise<void>

interface RotateFlags {
  all?: boolean
  now?: boolean
  unreadable?: boolean
}

export function addKeyCommands(program: Command, withSecrets: Lend): void {
  const keys = program.command('keys').description("keys that sign the sites' access tokens")
  keys
    .command('rotate [slug]')
    .description('make a new key: published now, it signs after 15 minutes')
    .option('--all', 'at every site')
    .option('--now', 'a key may be known to somebody else: every other key and all access tokens are void at once')
    .option('--unreadable', 'with --now: also keys that no SECRET_KEYS open, because what sealed them is lost')
    .action((slug: string | undefined, { all = false, now = false, unreadable = false }: RotateFlags) => {
      if (all === (slug !== undefined)) throw new Error('Name a site, or give --all.')
      if (unreadable && !now) throw new Error('--unreadable goes with --now: what cannot be read cannot be exchanged in turn.')
      const wish = { when: now ? 'now' : 'ahead', replaceUnreadable: unreadable } as const
      return withSecrets(async (database, box) => {
        for (const site of await findSites(database, slug)) await rotate(database, box, site, wish)
      })
    })
  keys
    .command('list <slug>')
    .description('the keys of a site, newest first')
    .action((slug: string) => withSecrets((database) => list(database, slug)))
}

/** One site that has a fault is told, and leaves the others their turn. */
async function rotate(database: Database, box: SecretBox, { id, slug }: Site, wish: Pick<Rotation, 'when' | 'replaceUnreadable'>): Promise<void> {
  try {
    const { key, made } = await rotateKey(database.forTenant(id), box, {
      ...wish,
      tenantId: id,
      origin: { tenantId: id, actor: { kind: 'operator' } },
    })
    const { kid, state, activatesAt } = shapeKey(key)
    console.log(
      `${slug}: ${made ? 'new key' : 'nothing to do, the newest key is'} ${kid}, ${state === 'pending' ? `signs from ${activatesAt}` : 'signs'}`,
    )
  } catch (error) {
    if (!isProblem(error)) throw error
    console.error(`${slug}: ${error.message}`)
    process.exitCode = 1
  }
}

async function list(database: Database, slug: string): Promise<void> {
  const [site] = await findSites(database, slug)
  const rows = site ? await database.forTenant(site.id).signingKey.findMany() : []
  const lines = publishedKeys(rows).map((row) => {
    const { kid, state, createdAt, activatesAt, retiredAt } = shapeKey(row)
    return [kid.padEnd(43), state.padEnd(7), createdAt, activatesAt, retiredAt ?? '-'].join('  ')
  })
  const header = ['kid'.padEnd(43), 'state'.padEnd(7), 'created'.padEnd(24), 'signs from'.padEnd(24), 'signs until'].join('  ')
  console.log([header, ...lines].join('\n'))
}
