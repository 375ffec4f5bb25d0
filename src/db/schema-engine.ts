import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, type SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'

// Neither es2024 nor @types/node declares it, and the dom library would bring the whole browser.
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>
  instantiate(module: object, imports: object): Promise<{ exports: Record<string, unknown> }>
}

export type SchemaEngine = engine.SchemaEngine

let loading: Promise<void> | undefined

/**
 * Opens Prisma's own schema engine, in its WebAssembly build, on one database: the binary that `prisma migrate deploy` wants has to be
 * downloaded, and some networks do not let it through. Both read the same folder and keep the same `_prisma_migrations` table.
 */
export async function withSchemaEngine<T>(databaseUrl: string, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  loading ??= loadWasm()
  await loading
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2, connectionTimeoutMillis: 10_000 })
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(wholeScripts(pool))
    return await use(await engine.SchemaEngine.new({ datamodels: undefined }, () => {}, adapter))
  } finally {
    await pool.end()
  }
}

/** The adapter cuts a script at every semicolon, those inside function bodies too. PostgreSQL takes a whole script as it is. */
function wholeScripts(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  const inner = new PrismaPg(pool)
  return {
    provider: inner.provider,
    adapterName: inner.adapterName,
    connectToShadowDb: () => inner.connectToShadowDb(),
    connect: async () => {
      const adapter = await inner.connect()
      adapter.executeScript = async (script) => {
        await pool.query(script)
      }
      return adapter
    },
  }
}

async function loadWasm(): Promise<void> {
  const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'))
  const module = await WebAssembly.compile(await readFile(join(folder, 'schema_engine_bg.wasm')))
  const imports = { './schema_engine_bg.js': Object.fromEntries(Object.entries(engine).filter(([, value]) => typeof value === 'function')) }
  const instance = await WebAssembly.instantiate(module, imports)
  engine.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start
  if (typeof start === 'function') start()
}
