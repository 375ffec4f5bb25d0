import { pipeline, type Readable } from 'node:stream'
import { backupRole } from '../db/roles.ts'
import { type ByteFacts, createByteCount, passThrough } from './byte-count.ts'
import type { PostgresClient } from './postgres-client.ts'
import { feed, finish } from './read-along.ts'
import { startClient } from './run-client.ts'

export interface DumpStream {
  stream: Readable
  facts(): ByteFacts
  /** Bytes so far. */
  size(): number
  /** Ends the programs, where the bytes have nowhere to go. */
  stop(): void
}

export interface DumpSource {
  client: PostgresClient
  /** As `connectionOf` answers it. */
  connection: Record<string, string>
  snapshotId: string
}

/**
 * What pg_dump writes, while pg_restore reads the very same bytes: they end only after both have ended well, and break off otherwise, so that nothing
 * is stored which cannot be read, nor what pg_dump took back at the last moment by its exit code.
 */
export function openDumpStream({ client, connection, snapshotId }: DumpSource): DumpStream {
  const args = [`--snapshot=${snapshotId}`, `--role=${backupRole}`, '--format=custom', '--compress=zstd', '--no-password']
  const dump = startClient(client.pgDump, args, connection)
  const reader = startClient(client.pgRestore, ['--file=/dev/null'])
  dump.stdin.end()
  reader.stdout.resume()
  const count = createByteCount()
  const passing = passThrough({
    each(chunk) {
      count.see(chunk)
      return feed(reader, chunk)
    },
    async end() {
      await dump.ended
      await finish(reader)
    },
  })
  const stop = () => {
    dump.kill()
    reader.kill()
  }
  const stream = pipeline(dump.stdout, passing, (error) => error && stop())
  // Where it cannot read there is no use in going on.
  reader.ended.catch((error) => passing.destroy(error))
  return { stream, facts: count.facts, size: count.size, stop }
}
