import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CollectionTag, parse, type ScalarTag } from 'yaml'
import { root } from './import-graph.ts'

/** Intrinsic functions as plain objects: `!Ref Key` is { Ref: 'Key' }. */
const named = (name: string): ScalarTag => ({ tag: `!${name}`, resolve: (value: string) => ({ [name]: value }) })
const listed = (name: string): CollectionTag => ({ tag: `!${name}`, collection: 'seq', resolve: (value) => ({ [name]: value.toJSON() }) })

const customTags = [named('Ref'), named('GetAtt'), named('Sub'), listed('If'), listed('Equals')]

export const template = parse(await readFile(join(root, 'infra/aws/storage.yaml'), 'utf8'), { customTags })

export interface Statement {
  Sid?: string
  Effect: string
  Action: string | string[]
  Resource: unknown
  Condition?: unknown
}

/** All that a role may do. */
export function statementsOf(role: typeof template): Statement[] {
  return role.Properties.Policies.flatMap(({ PolicyDocument }: { PolicyDocument: { Statement: Statement[] } }) => PolicyDocument.Statement)
}
