import { selectMembers, shapeMember } from '../../auth/staff/member.ts'
import type { Database } from '../../db/client.ts'
import { Prisma } from '../../db/generated/client.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import { findAnySites } from '../sites/find-sites.ts'
import { table } from '../table.ts'

const page = 500

/** Newest first, as the API's list. */
export async function listMembers(database: Database, slug: string, flags: CommonFlags): Promise<void> {
  const [site] = await findAnySites(database, slug)
  const db = database.forTenant(site?.id ?? '')
  const members: ReturnType<typeof shapeMember>[] = []
  for (let rows = await selectMembers(db, Prisma.sql`true`, page); rows.length > 0; ) {
    members.push(...rows.map(shapeMember))
    const after = rows.at(-1)?.id ?? ''
    rows = rows.length < page ? [] : await selectMembers(db, Prisma.sql`m.id < ${after}::uuid`, page)
  }
  const line = ({ email, name, status, roles, secondFactor, lastSeenAt }: (typeof members)[number]) => {
    return [email, name, status, roles.join(', '), secondFactor ? 'yes' : 'no', lastSeenAt ?? 'never']
  }
  print(flags, members, () =>
    members.length === 0
      ? `${slug} has no members yet.`
      : table([['address', 'name', 'status', 'roles', 'second factor', 'last seen'], ...members.map(line)], { left: [0, 1, 2, 3, 4, 5] }),
  )
}
