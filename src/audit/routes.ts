import type { Scope } from '../tenancy/define-flow.ts'
import { exportEvents } from './export-events.ts'
import { listEvents } from './list-events.ts'

/** For a site's staff; src/tenancy/access.ts says who of them. */
export async function auditRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/audit', listEvents)
  // A HEAD would write the whole log to nobody.
  scope.get('/v1/audit.ndjson', { ...exportEvents, exposeHeadRoute: false })
}
