import type { Scope } from '../tenancy/define-flow.ts'
import { readSite } from './read-site.ts'
import { themeCss } from './theme-css.ts'

/** For everybody. */
export async function publicBrandingRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/site', readSite)
  scope.get('/theme.css', themeCss)
}
