import type { Scope } from '../tenancy/define-flow.ts'
import { homePage } from './home-page.ts'
import { listCollections } from './list-collections.ts'
import { listEntries } from './list-entries.ts'
import { readEntry } from './read-entry.ts'

/** For everybody. */
export async function publicContentRoutes(scope: Scope): Promise<void> {
  scope.get('/', homePage)
  scope.get('/v1/collections', listCollections)
  scope.get('/v1/collections/:collection/entries', listEntries)
  scope.get('/v1/collections/:collection/entries/:entry', readEntry)
}
