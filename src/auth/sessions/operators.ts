import { LRUCache } from 'lru-cache'
import { atMost } from '../../at-most.ts'
import type { Database } from '../../db/client.ts'
import { lifeInMemory, type Notifications } from '../../db/notifications.ts'
import type { Tenant } from '../../tenancy/directory.ts'
import { readTenant } from '../../tenancy/read-tenant.ts'

export interface OperatorRef {
  id: string
  /** The operator's own epoch when they asked for the way in: what ends all their sessions ends this too. */
  epoch: number
}

/** The hub's own people who act in sites. */
export interface Operators {
  /** Whether the operator may still act in sites: what is open ends with it. */
  mayAct(operator: OperatorRef): boolean | Promise<boolean>
  /** As of now, past what is kept: the platform's tenant where the operator may act, else undefined. */
  platformOf(operator: OperatorRef): Promise<Tenant | undefined>
}

export interface OperatorsOptions {
  database: Database
  notifications: Notifications
  now?: () => number
}

const keptOperators = 1_000

interface Kept {
  allowed: boolean
  epoch: number
  readAt: number
}

/** Operators are members of the platform's tenant, so what becomes of them there is announced like that of any member. */
export function createOperators({ database, notifications, now = Date.now }: OperatorsOptions): Operators {
  const kept = new LRUCache<string, Kept>(atMost(keptOperators))
  let platformId = ''
  // What was on its way while something changed is used once, and not kept.
  let changes = 0
  notifications.subscribe({
    onMessage(payload) {
      const [kind = '', tenantId = '', memberId = ''] = payload.split(':')
      if (tenantId !== platformId || !['m', 'r', 't'].includes(kind)) return
      changes++
      if (kind === 'm') kept.delete(memberId)
      else kept.clear()
    },
    onGap() {
      changes++
      kept.clear()
    },
  })

  const platformOf = async (operator: OperatorRef): Promise<Tenant | undefined> => {
    const found = await database.directory.tenant.findFirst({ where: { kind: 'platform' }, select: { id: true } })
    if (!found) return undefined
    platformId = found.id
    const platform = await readTenant(database, found)
    return platform?.status === 'active' && (await holdsPermission(database, platform.id, operator)) ? platform : undefined
  }
  const read = async (operator: OperatorRef): Promise<boolean> => {
    const before = changes
    // Until it is known whose messages count, one of them may have been passed over.
    const known = platformId !== ''
    const allowed = (await platformOf(operator)) !== undefined
    if (known && before === changes) kept.set(operator.id, { allowed, epoch: operator.epoch, readAt: now() })
    return allowed
  }
  return {
    platformOf,
    mayAct(operator) {
      const known = kept.get(operator.id)
      return known?.epoch === operator.epoch && now() - known.readAt < lifeInMemory(notifications) ? known.allowed : read(operator)
    },
  }
}

async function holdsPermission(database: Database, platformId: string, { id, epoch }: OperatorRef): Promise<boolean> {
  const [row] = await database.forTenant(platformId).$queryRaw<{ allowed: boolean }[]>`
    select exists (select from member_roles x join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id
      where x.tenant_id = m.tenant_id and x.member_id = m.id and 'operators:write' = any (r.permissions)) as allowed
    from members m where m.id = ${id}::uuid and m.epoch = ${epoch} and m.status = 'active'`
  return row?.allowed === true
}
