import { ConfigError, loadConfig } from '../../config.ts'
import { type Database, openDatabase } from '../../db/client.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import type { Check, Finding, Patient } from './check.ts'
import { backupAge } from './checks/backup-age.ts'
import { clock } from './checks/clock.ts'
import { database } from './checks/database.ts'
import { diskFree } from './checks/disk-free.ts'
import { hostNames } from './checks/host-names.ts'
import { jobQueue } from './checks/job-queue.ts'
import { mail } from './checks/mail.ts'
import { migrations } from './checks/migrations.ts'
import { pooler } from './checks/pooler.ts'
import { redis } from './checks/redis.ts'
import { roles } from './checks/roles.ts'
import { sealedSecrets } from './checks/sealed-secrets.ts'
import { signingKeys } from './checks/signing-keys.ts'
import { storage } from './checks/storage.ts'
import { variables } from './checks/variables.ts'
import { walls } from './checks/walls.ts'
import { examine } from './examine.ts'

const checks: readonly Check[] = [
  variables,
  roles,
  pooler,
  migrations,
  walls,
  storage,
  diskFree,
  mail,
  hostNames,
  signingKeys,
  sealedSecrets,
  clock,
  jobQueue,
  redis,
  backupAge,
]

/** Milliseconds. */
const farewell = 3_000

export async function doctor(env: NodeJS.ProcessEnv, flags: CommonFlags): Promise<void> {
  const { patient, close } = admit(env)
  const findings = await examine(patient, database, checks)
  // What never answered a check answers no farewell either, and would keep the process.
  setTimeout(() => process.exit(), farewell).unref()
  const worst = (['problem', 'warning'] as const).find((outcome) => findings.some((finding) => finding.outcome === outcome)) ?? 'ok'
  print(flags, { outcome: worst, findings }, () => [...findings.map(write), '', sentence(findings)].join('\n'))
  if (worst === 'problem') process.exitCode = 1
  await close()
}

/** Opens nothing yet. */
export function admit(env: NodeJS.ProcessEnv): { patient: Patient; close(): Promise<void> } {
  const { config, faults } = soundPart(env)
  let opened: Database | undefined
  const open = () => {
    const { url, poolMode: mode } = config.database
    return openDatabase({ url, mode, max: 4, onError: () => {} })
  }
  return {
    patient: {
      env,
      config,
      faults,
      now: Date.now,
      database() {
        opened ??= open()
        return opened
      },
    },
    close: async () => opened?.close(),
  }
}

/** Variables that are at fault are taken for unset, so that everything else can be looked at. */
function soundPart(env: NodeJS.ProcessEnv) {
  try {
    return { config: loadConfig(env), faults: [] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const names = new Set(error.faults.map((fault) => fault.split(' ')[0]))
    const sound = Object.fromEntries(Object.entries(env).filter(([name]) => !names.has(name)))
    return { config: loadOrDefault({ ...sound, NODE_ENV: 'development', TRUST_PROXY: sound.TRUST_PROXY || 'none' }), faults: error.faults }
  }
}

/** What depends on a variable that was taken out may be at fault now; then only the database is left to be asked. */
function loadOrDefault(env: NodeJS.ProcessEnv) {
  try {
    return loadConfig(env)
  } catch {
    return loadConfig({ TRUST_PROXY: 'none', ...(env.DATABASE_URL ? { DATABASE_URL: env.DATABASE_URL } : {}) })
  }
}

const signs = { ok: 'ok      ', warning: 'WARNING ', problem: 'PROBLEM ', skipped: 'skipped ' } as const

function write({ check, outcome, what, remedy }: Finding): string {
  return `${signs[outcome]} ${check}: ${what}${remedy ? `\n          → ${remedy}` : ''}`
}

function sentence(findings: readonly Finding[]): string {
  const count = (outcome: Finding['outcome']) => findings.filter((finding) => finding.outcome === outcome).length
  const [problems, warnings] = [count('problem'), count('warning')]
  if (problems + warnings === 0) return 'All is well.'
  return `${problems} ${problems === 1 ? 'problem' : 'problems'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`
}
