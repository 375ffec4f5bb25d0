import { shapeKey } from '../../auth/keys/key-state.ts'
import { type Rotation, rotateKey } from '../../auth/keys/rotate-key.ts'
import type { Database } from '../../db/client.ts'
import { isProblem } from '../../errors.ts'
import type { SecretBox } from '../../security/secret-box.ts'
import type { CommonFlags } from '../add-command.ts'
import { confirm } from '../confirm.ts'
import { print } from '../print.ts'
import { findSites, type Site } from '../sites/find-sites.ts'
import type { Tools } from '../tools.ts'

export interface RotateFlags extends CommonFlags {
  all?: boolean
  now?: boolean
  unreadable?: boolean
}

type Wish = Pick<Rotation, 'when' | 'replaceUnreadable'>

export async function rotateKeys(withSecrets: Tools['withSecrets'], slug: string | undefined, flags: RotateFlags): Promise<void> {
  const { all = false, now = false, unreadable = false } = flags
  if (all === (slug !== undefined)) throw new Error('Name a site, or give --all.')
  if (unreadable && !now) throw new Error('--unreadable goes with --now: what cannot be read cannot be exchanged in turn.')
  // One site is named; all of them are another matter.
  if (all && now) await confirm(flags, 'Every site: all access tokens will be void at once, and every key but a new one gone.', 'all')
  const wish: Wish = { when: now ? 'now' : 'ahead', replaceUnreadable: unreadable }
  const rotated = await withSecrets(async (database, box) => {
    const results = []
    for (const site of await findSites(database, slug)) results.push(await rotate(database, box, site, wish))
    return results.filter((result) => result !== undefined)
  })
  const line = ({ site, made, kid, state, activatesAt }: (typeof rotated)[number]) =>
    `${site}: ${made ? 'new key' : 'nothing to do, the newest key is'} ${kid}, ${state === 'pending' ? `signs from ${activatesAt}` : 'signs'}`
  print(flags, rotated, () => rotated.map(line).join('\n'))
}

/** One site that has a fault is told, and leaves the others their turn. */
async function rotate(database: Database, box: SecretBox, { id, slug }: Site, wish: Wish) {
  try {
    const origin = { tenantId: id, actor: { kind: 'operator' } } as const
    const { key, made } = await rotateKey(database.forTenant(id), box, { ...wish, tenantId: id, origin })
    return { site: slug, made, ...shapeKey(key) }
  } catch (error) {
    if (!isProblem(error)) throw error
    console.error(`${slug}: ${error.message}`)
    process.exitCode = 1
    return undefined
  }
}
