import type { Scope } from '../tenancy/define-flow.ts'

/** For a site's staff. */
export async function staffMailRoutes(_scope: Scope): Promise<void> {}
