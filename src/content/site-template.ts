import type { TObject } from 'typebox'

/** What a new site starts from: its own roles and its collections. Built-in roles (owner, admin, editor, member) are not repeated here. */
export interface SiteTemplate {
  slug: 'municipality' | 'cooperative'
  roles: RoleTemplate[]
  /** In the order in which the console lists them. */
  collections: CollectionTemplate[]
}

export interface RoleTemplate {
  slug: string
  name: string
  /** `area:verb`, see the permissions of roles. */
  permissions: string[]
}

export interface CollectionTemplate {
  slug: string
  name: string
  description: string
  /** public: anyone may read published entries. staff: only with content:read. */
  audience: 'public' | 'staff'
  /** Whether anybody may send an entry in, such as a contact message. */
  form?: boolean
  /** Plain JSON Schema (2020-12) once serialised: TypeBox keeps its own marks in properties that JSON leaves out. */
  schema: TObject
}

/** An entry that shows a new site with something on it. Kept apart from the template: a real site starts empty. */
export interface SampleEntry {
  collection: string
  slug: string
  /** ISO 8601, UTC. */
  publishedAt: string
  data: Record<string, unknown>
}

/** Ends the text of every sample, so that a sample left on a live site says what it is. */
export const sampleNotice = 'Este é um conteúdo de exemplo: substitua-o antes de abrir o sítio ao público.'
