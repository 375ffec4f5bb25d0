import { test } from 'tap'
import { type Check, ok } from '../../../src/cli/doctor/check.ts'
import { examine } from '../../../src/cli/doctor/examine.ts'
import { runTenantry } from '../run-tenantry.ts'
import { createPatient } from './patient.ts'

test('doctor ends with 0 on warnings and with 1 on a problem, tells what to do, and --json has the same', async (t) => {
  const { env, data } = await createPatient(t)
  // No name server answers where tests run.
  await data.owner.query(`update hosts set host = 'one.localhost' where host = 'www.one.example'`)
  const given = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? '']))
  const [well, ill, away] = await Promise.all([
    runTenantry(['doctor', '--json'], given),
    runTenantry(['doctor'], { ...given, REDIS_URL: 'redis://127.0.0.1:1' }),
    runTenantry(['doctor', '--json'], { ...given, PORT: 'x', DATABASE_URL: 'postgres://x@127.0.0.1:1/x' }),
  ])
  t.same([well.code, well.err], [0, ''])
  const { outcome, findings } = JSON.parse(well.out)
  t.equal(outcome, 'warning')
  t.ok(new Set(findings.map(({ check }: { check: string }) => check)).size >= 16, 'every check has said something')
  t.notOk(
    findings.some((finding: { outcome: string }) => finding.outcome === 'problem'),
    well.out,
  )
  t.equal(ill.code, 1)
  t.match(ill.out, /^PROBLEM {2}Redis: it cannot be used: .*\n {10}→ Look at REDIS_URL/m)
  t.match(ill.out, /\n1 problem, \d+ warnings\.\n$/)
  t.equal(away.code, 1)
  const told = JSON.parse(away.out).findings
  t.match(
    told.filter((finding: { outcome: string }) => finding.outcome === 'problem'),
    [{ check: 'database' }, { check: 'variables', what: /^PORT must be/ }],
  )
  t.match(
    told.find((finding: { check: string }) => finding.check === 'walls'),
    { outcome: 'skipped', what: 'the database could not be asked' },
  )
  t.match(
    told.find((finding: { check: string }) => finding.check === 'storage'),
    { outcome: 'ok' },
  )
})

test('a check that throws and one that never ends are problems, and hide no other', async (t) => {
  const { patient } = await createPatient(t)
  const check = (name: string, run: Check['run']): Check => ({ name, run })
  const well = check('well', async () => [ok('fine')])
  const broken = check('broken', async () => {
    throw new Error('a bug')
  })
  const endless = check('endless', () => new Promise(() => {}))
  const half = check('half', async function* () {
    yield ok('so far')
    await new Promise(() => {})
  })
  t.match(await examine(patient(), well, [broken, endless, half, check('last', well.run)], 50), [
    { check: 'well', outcome: 'ok' },
    { check: 'broken', outcome: 'problem', what: 'it could not be checked: a bug' },
    { check: 'endless', outcome: 'problem', what: 'it took longer than 0.05 s' },
    { check: 'half', outcome: 'ok', what: 'so far' },
    { check: 'half', outcome: 'problem', what: 'it took longer than 0.05 s' },
    { check: 'last', outcome: 'ok' },
  ])
})
