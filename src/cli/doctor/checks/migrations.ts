import { migrationNames } from '../../../db/migrate.ts'
import { asLogin } from '../as-login.ts'
import { type Check, ok, problem, type Remark, some, warning } from '../check.ts'

interface Row {
  name: string
  finished: boolean
}

export const migrations: Check = {
  name: 'migrations',
  asksDatabase: true,
  async run({ config }) {
    const known = await migrationNames()
    const rows = await asLogin(config.database.ownerUrl, async (login) => {
      const there = await login.query("select to_regclass('public._prisma_migrations') is not null as there")
      if (!there.rows[0]?.there) return []
      return (await login.query<Row>(question)).rows
    })
    const remarks = judge(known, rows)
    return remarks.length > 0 ? remarks : [ok(`all ${known.length} are applied`)]
  },
}

const question = `
  select migration_name as name, finished_at is not null as finished from public._prisma_migrations where rolled_back_at is null`

function judge(known: readonly string[], rows: readonly Row[]): Remark[] {
  const names = (finished: boolean) => rows.filter((row) => row.finished === finished).map(({ name }) => name)
  const applied = names(true)
  const broken = names(false)
  const missing = known.filter((name) => !applied.includes(name) && !broken.includes(name))
  const newer = applied.filter((name) => !known.includes(name))
  return [
    ...(broken.length > 0
      ? [
          problem(
            `${some(broken)} broke off half-way`,
            'Run "tenantry migrate" again: it says what is in the way. Nothing of a migration that fails stays.',
          ),
        ]
      : []),
    ...(missing.length > 0 ? [problem(`${missing.length} are not applied: ${some(missing, 2)}`, 'Run "tenantry migrate".')] : []),
    ...(newer.length > 0
      ? [
          warning(
            `the database knows ${some(newer, 2)}, which this release does not`,
            'A newer release was here. The one before works on its schema; deploy the newer one.',
          ),
        ]
      : []),
  ]
}
