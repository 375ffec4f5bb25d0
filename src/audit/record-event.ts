import type { FastifyRequest } from 'fastify'
import type { TenantDb } from '../db/client.ts'
import { newId } from '../security/random-token.ts'
import type { AuditAction } from './actions.ts'

/** `id` is that of the member, API key or operator; visitors and the system have none. */
export interface Actor {
  kind: 'member' | 'api-key' | 'operator' | 'visitor' | 'system'
  id?: string
  /** The member as whom an operator acts. */
  actingAs?: string
}

/** Who acts, from where. */
export interface Origin {
  tenantId: string
  actor: Actor
  address?: string
  userAgent?: string
  request?: string
}

export interface AuditEvent {
  action: AuditAction
  /** What it was done to, by the name of its kind (`member`, `role`) and its id. */
  target?: { kind: string; id: string }
  /** What else a reader has to know. Ids and words of ours: never a secret, an address or what somebody typed. */
  details?: Record<string, string | number | boolean | readonly string[]>
}

/** Where a request comes from. `actor`: who it has proved to be, where it carries no session; default: its caller, or else a visitor. */
export function originOf({ tenant, caller, ip, headers, id }: FastifyRequest, actor?: Actor): Origin {
  return {
    tenantId: tenant.id,
    actor: actor ?? actorOf(caller),
    // An IPv4 client of a socket for both families.
    address: ip.replace(/^::ffff:(?=\d+\.)/i, '').slice(0, 45),
    userAgent: (headers['user-agent'] ?? '').slice(0, 400),
    request: id,
  }
}

/** Adds to the site's audit log; in the flow's own transaction, so that neither is there without the other. */
export async function recordEvent(
  db: Pick<TenantDb, 'auditEvent'>,
  { tenantId, actor, address = '', userAgent = '', request }: Origin,
  { action, target, details = {} }: AuditEvent,
): Promise<void> {
  await db.auditEvent.createMany({
    data: [
      {
        tenantId,
        id: newId(),
        action,
        actorKind: actor.kind,
        actor: actor.id ?? null,
        actingAs: actor.actingAs ?? null,
        targetKind: target?.kind ?? null,
        target: target?.id ?? null,
        address,
        userAgent,
        request: request ?? null,
        details,
      },
    ],
  })
}

function actorOf(caller: FastifyRequest['caller'] | undefined): Actor {
  if (!caller) return { kind: 'visitor' }
  if (caller.operator) return { kind: 'operator', id: caller.operator, actingAs: caller.id }
  return { kind: caller.kind, id: caller.id }
}
