import type { Scope } from '../tenancy/define-flow.ts'
import { listSites } from './operators/list-sites.ts'
import { requestEntry } from './operators/request-entry.ts'

/** For the hub's own staff, on the console; src/tenancy/access.ts says who of them. */
export async function consoleRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/sites', listSites)
  scope.post('/v1/sites/:site/entries', requestEntry)
}
