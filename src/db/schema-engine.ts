import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum, type SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'

// Neither es2024 nor @types/node declares it, and the dom library would bring the whole browser.
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>
  instantiate(module: object, imports: object): Promise<{ exports: Record<string, unknown> }>
}

export type SchemaEngine = engine.SchemaEngine

/** Object ids of "char" and "char"[] in pg_type. */
const charType = 18
const charArrayType = 1002

let loading: Promise<void> | undefined

/** A script that PostgreSQL refused, in its own words: the engine keeps them to itself. `cause`: the engine's. */
export class ScriptError extends Error {
  override name = 'ScriptError'
}

/**
 * Opens Prisma's own schema engine, in its WebAssembly build, on one database: the binary that `prisma migrate deploy` wants has to be
 * downloaded, and some networks do not let it through. Both read the same folder and keep the same `_prisma_migrations` table.
 */
export async function withSchemaEngine<T>(databaseUrl: string, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  loading ??= loadWasm()
  await loading
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2, connectionTimeoutMillis: 10_000 })
  // An idle connection that is cut is no event: the next query says what is wrong.
  pool.on('error', () => {})
  let refusal: unknown
  const onRefused = (error: unknown) => {
    refusal = error
  }
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(withCatalogue(pool, onRefused))
    return await use(await engine.SchemaEngine.new({ datamodels: undefined }, () => {}, adapter))
  } catch (error) {
    throw refusal instanceof Error ? new ScriptError(refusal.message, { cause: error }) : error
  } finally {
    await pool.end()
  }
}

/**
 * The adapter as the engine needs it. It cuts a script at every semicolon, those inside function bodies too: PostgreSQL takes a whole
 * script as it is. And it does not know the one-byte type "char" in which the catalogue keeps its flags, without which nothing can be
 * compared: so that type passes through it under the name of its array.
 */
function withCatalogue(pool: pg.Pool, onRefused: (error: unknown) => void): SqlMigrationAwareDriverAdapterFactory {
  const inner = new PrismaPg(pool)
  const { query } = pool
  Reflect.set(pool, 'query', async (...args: unknown[]) => {
    const result: pg.QueryResult = await Reflect.apply(query, pool, args)
    for (const field of result.fields ?? []) if (field.dataTypeID === charType) field.dataTypeID = charArrayType
    return result
  })
  return {
    provider: inner.provider,
    adapterName: inner.adapterName,
    connectToShadowDb: () => inner.connectToShadowDb(),
    connect: async () => {
      const adapter = await inner.connect()
      const queryRaw = adapter.queryRaw.bind(adapter)
      adapter.queryRaw = async (asked) => {
        const result = await queryRaw(asked)
        const { Character, CharacterArray } = ColumnTypeEnum
        return { ...result, columnTypes: result.columnTypes.map((type) => (type === CharacterArray ? Character : type)) }
      }
      adapter.executeScript = async (script) => {
        await pool.query(script).catch((error) => {
          onRefused(error)
          throw error
        })
      }
      return adapter
    },
  }
}

async function loadWasm(): Promise<void> {
  // Where the engine leaves its last words: without it a panic would be reported as a missing property.
  Reflect.set(globalThis, 'PRISMA_WASM_PANIC_REGISTRY', { set_message: (message: string) => console.error(message) })
  const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'))
  const module = await WebAssembly.compile(await readFile(join(folder, 'schema_engine_bg.wasm')))
  const imports = { './schema_engine_bg.js': Object.fromEntries(Object.entries(engine).flatMap(([name, value]) => importOf(name, value))) }
  const instance = await WebAssembly.instantiate(module, imports)
  engine.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start
  if (typeof start === 'function') start()
}

function importOf(name: string, value: unknown): [string, unknown][] {
  if (typeof value !== 'function') return []
  // The engine leaves its ten-second lock time-out running, and with it the process.
  if (name.startsWith('__wbg_setTimeout_')) return [[name, (done: () => void, after: number) => setTimeout(done, after >>> 0).unref()]]
  return [[name, value]]
}
