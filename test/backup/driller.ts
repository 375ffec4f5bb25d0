import type { Test } from 'tap'
import { superuserUrl, type TestDatabase } from '../database.ts'

/** A superuser of the test's own: what databases its drills leave is known by their owner, whatever other tests do on that server. */
export async function addDriller(t: Test, { name, owner }: Pick<TestDatabase, 'name' | 'owner'>): Promise<{ login: string; serverUrl: string }> {
  const login = `driller_${name}`
  await owner.query(`create role ${login} login superuser password 'of the test'`)
  t.teardown(async () => {
    const { rows } = await owner.query<{ name: string }>('select datname as name from pg_database where datdba = $1::regrole', [login])
    for (const { name } of rows) await owner.query(`drop database ${name} with (force)`)
    await owner.query(`drop role ${login}`)
  })
  const url = new URL(superuserUrl('postgres'))
  ;[url.username, url.password] = [login, 'of the test']
  return { login, serverUrl: url.href }
}
