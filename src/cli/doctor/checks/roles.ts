import { appRole, backupRole, jobsRole, ownerRole } from '../../../db/roles.ts'
import { asLogin } from '../as-login.ts'
import { type Check, ok, problem, type Remark, warning } from '../check.ts'

interface Row {
  login: string
  superuser: boolean
  bypass: boolean
  /** Roles that the login may take, and those there are not. */
  takes: string[]
  missing: string[]
  backupBypasses: boolean | null
}

/** What the login of DATABASE_URL may do by itself, before it takes the service's role on. */
export const roles: Check = {
  name: 'login and roles',
  asksDatabase: true,
  async run({ config }) {
    const row = await asLogin(
      config.database.url,
      async (login) => (await login.query<Row>(question, [[appRole, jobsRole, ownerRole, backupRole]])).rows[0],
    )
    if (!row) return [problem('the login cannot be read', 'Look at DATABASE_URL.')]
    const remarks = judge(row, config.worker.inside)
    return remarks.length > 0 ? remarks : [ok(`${row.login} takes ${appRole} and is bound by the policies`)]
  },
}

const question = `
  select session_user as login, r.rolsuper as superuser, r.rolbypassrls as bypass,
    array(select n from unnest($1::text[]) n join pg_roles o on o.rolname = n where pg_has_role(session_user, o.oid, 'set')) as takes,
    array(select n from unnest($1::text[]) n where not exists (select from pg_roles o where o.rolname = n)) as missing,
    (select rolbypassrls from pg_roles where rolname = '${backupRole}') as "backupBypasses"
  from pg_roles r where r.rolname = session_user`

function judge({ login, superuser, bypass, takes, missing, backupBypasses }: Row, worksInside: boolean): Remark[] {
  if (missing.length > 0) return [problem(`the server has no role ${missing.join(', ')}`, 'Run "tenantry migrate", which makes them.')]
  return [
    ...(takes.includes(appRole) ? [] : [problem(`${login} may not take ${appRole}`, grant(login, appRole))]),
    ...(worksInside && !takes.includes(jobsRole)
      ? [
          problem(
            `${login} may not take ${jobsRole}, and WORKER is on`,
            `${grant(login, jobsRole)} Or set WORKER=off and run src/worker.ts by another login.`,
          ),
        ]
      : []),
    ...(superuser || bypass
      ? [
          warning(
            `${login} is ${superuser ? 'a superuser' : 'not bound by policies (BYPASSRLS)'}: the service puts that down at each connection, but whoever has its password does not`,
            `Give the service a login of its own: create role tenantry_service login password '…' noinherit; grant ${appRole}, ${jobsRole} to tenantry_service with set true, inherit false; and keep ${login} for migrations.`,
          ),
        ]
      : []),
    ...(backupBypasses === false ? [problem(`${backupRole} does not see every row`, `A superuser runs: alter role ${backupRole} bypassrls;`)] : []),
  ]
}

function grant(login: string, role: string): string {
  return `As an administrator: grant ${role} to "${login}" with set true, inherit false;`
}
