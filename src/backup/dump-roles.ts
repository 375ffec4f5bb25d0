import { text } from 'node:stream/consumers'
import type { Manifest } from './manifest.ts'
import type { OpenOptions } from './open-stored.ts'
import { startClient } from './run-client.ts'
import { readDump } from './verify-backup.ts'

/** Roles that a dump speaks of. It makes none of them. */
export interface DumpRoles {
  /** Whoever restores has to be able to become them. */
  owners: string[]
  all: string[]
}

const name = '("(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)'
const owning = new RegExp(`^ALTER .* OWNER TO ${name};$`, 'gm')
const granting = new RegExp(`^(?:GRANT .* TO|REVOKE .* FROM|SET SESSION AUTHORIZATION|ALTER DEFAULT PRIVILEGES FOR ROLE) ${name}[ ;]`, 'gm')

/** Reads a dump in full, compares it with its manifest, and answers the roles that its statements name. */
export async function readDumpRoles(options: OpenOptions, manifest: Manifest, pgRestore: string): Promise<DumpRoles> {
  const reader = startClient(pgRestore, ['--schema-only', '--file=-'])
  try {
    const [statements] = await Promise.all([text(reader.stdout), readDump(options, manifest, reader)])
    const owners = namesIn(statements, owning)
    return { owners, all: [...new Set([...owners, ...namesIn(statements, granting)])] }
  } finally {
    reader.kill()
  }
}

function namesIn(statements: string, form: RegExp): string[] {
  const found = [...statements.matchAll(form)].map(([, name = '']) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name))
  return [...new Set(found)]
}
