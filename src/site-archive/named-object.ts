import type { ObjectKind } from '../storage/object-storage.ts'
import type { Row } from './table-rows.ts'

/** An object that a row names, by its key below the tenant's folder. */
export interface NamedObject extends ObjectKind {
  key: string
  /** For the quota of the site's media: of what is made of a file the service counts nothing. */
  counted?: boolean
}

/** By table. Areas know how their rows name objects; this one does not. */
export type Naming = Readonly<Record<string, (row: Row) => readonly NamedObject[]>>
