import type { ObjectKind } from '../storage/object-storage.ts'
import type { Row } from './table-rows.ts'

/** An object that a row names, by its key below the tenant's folder. */
export interface NamedObject extends ObjectKind {
  key: string
}

/** By table. Areas know how their rows name objects; this one does not. */
export type Naming = Readonly<Record<string, (row: Row) => readonly NamedObject[]>>
