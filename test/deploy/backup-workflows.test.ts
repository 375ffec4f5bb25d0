import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import t from 'tap'
import { parse } from 'yaml'
import { createTestApp } from '../app.ts'
import { superuserUrl } from '../database.ts'
import { root } from '../house/import-graph.ts'
import { findPgClient } from '../pg-client.ts'
import { startS3 } from '../storage/s3-server.ts'

interface Step {
  name?: string
  uses?: string
  run?: string
  env?: Record<string, string>
}

/** What only GitHub's machines can do; there is a PostgreSQL client here, and packages are installed. */
const left = new Set(["Install PostgreSQL 17's client", 'Install packages'])

async function stepsOf(file: string, job: string): Promise<Step[]> {
  const { jobs } = parse(await readFile(join(root, '.github/workflows', file), 'utf8'))
  const steps: Step[] = jobs[job].steps
  return steps.filter(({ run, name = '' }) => run !== undefined && !left.has(name))
}

/** As the runner puts values in place of expressions; what is not set is empty there. */
function filledIn(value: string, given: Record<string, string>): string {
  return value.replace(/\$\{\{ (?:vars|secrets|github)\.(\w+) \}\}/g, (_, name: string) => given[name] ?? '')
}

/** Runs a step's very text, as the runner's default shell does. */
async function runStep({ run = '', env = {} }: Step, given: Record<string, string>, more: Record<string, string>) {
  const own = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filledIn(value, given)]))
  const child = spawn('bash', ['-e', '-c', run], {
    cwd: root,
    env: { HOME: process.env.HOME ?? '', PATH: `${dirname(process.execPath)}:${process.env.PATH}`, ...more, ...own, ...pick(more, 'S3_BUCKET') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
  return { code, out, err }
}

function pick(from: Record<string, string>, name: string): Record<string, string> {
  return from[name] ? { [name]: from[name] } : {}
}

t.test('the commands of the backup and drill workflows take, verify and restore a backup in a bucket', async (t) => {
  const [binDir, server] = [findPgClient(t), await startS3(t)]
  if (!binDir || !server) return
  const secretKeys = `test:${randomBytes(32).toString('base64')}`
  const { data } = await createTestApp(t, { env: { SECRET_KEYS: secretKeys } })
  const { bucket, endpoint, accessKeyId, secretAccessKey } = server.settings
  const identity = await generateIdentity()
  // What the roles of OIDC give on GitHub, and where the bucket is.
  const machine = { PG_BIN_DIR: binDir, S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey }
  const given = {
    AWS_REGION: 'us-east-1',
    BACKUP_BUCKET: bucket,
    BACKUP_RECIPIENT: await identityToRecipient(identity),
    BACKUP_DATABASE_URL: data.url,
    BACKUP_SECRET_KEYS: secretKeys,
    DRILL_SECRET_KEYS: secretKeys,
    BACKUP_IDENTITY: identity,
    BACKUP_SIGNING_KEY: randomBytes(32).toString('base64'),
    run_id: '1',
  }
  const [take, verify, drill] = [
    await stepsOf('backup.yml', 'run'),
    await stepsOf('backup.yml', 'verify'),
    await stepsOf('restore-drill.yml', 'drill'),
  ]
  t.same([take.length, verify.length, drill.length], [1, 1, 1], 'control')

  const early = await runStep(verify[0] ?? {}, given, machine)
  t.match(early, { code: 1, err: /There is no backup yet/ }, 'a night without a backup is red')
  const taken = await runStep(take[0] ?? {}, given, machine)
  t.equal(taken.code, 0, taken.err)
  const verified = await runStep(verify[0] ?? {}, given, machine)
  t.equal(verified.code, 0, verified.err)
  const [step] = drill
  const into = { ...step, env: { ...step?.env, RESTORE_DATABASE_URL: superuserUrl('postgres') } }
  const drilled = await runStep(into, given, machine)
  t.equal(drilled.code, 0, drilled.err)
  t.match(drilled.out, /sign-in|signed in/i)
  const lost = await runStep(into, { ...given, BACKUP_IDENTITY: await generateIdentity() }, machine)
  t.match(lost, { code: 1, err: /cannot be opened: it was encrypted for another key/ }, 'another key opens nothing')
})
