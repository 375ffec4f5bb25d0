import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobHelpers } from 'graphile-worker'
import t, { type Test } from 'tap'
import { newBackupName } from '../../src/backup/backup-name.ts'
import { createOverdueTask } from '../../src/backup/tell-overdue.ts'
import { newId } from '../../src/security/random-token.ts'
import { createTestDatabase } from '../database.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const hour = 3_600_000

async function createPlatform(t: Test) {
  const data = await createTestDatabase(t)
  const [platform, site] = [await data.addTenant({ slug: 'platform' }), await data.addTenant({ slug: 'site' })]
  await data.owner.query("update tenants set kind = 'platform' where id = $1", [platform.id])
  const database = data.open()
  const addMember = async (tenantId: string, name: string, permissions: string[], status = 'active') => {
    const db = database.forTenant(tenantId)
    const role = await db.role.create({ data: { tenantId, id: newId(), slug: name, name, permissions } })
    const [id, email] = [newId(), `${name}@example.org`]
    await db.member.create({ data: { tenantId, id, email, emailKey: email, name, status, emailVerifiedAt: new Date() } })
    await db.memberRole.create({ data: { tenantId, memberId: id, roleId: role.id } })
  }
  await addMember(platform.id, 'operator', ['operators:write'])
  await addMember(platform.id, 'gone', ['operators:write'], 'deactivated')
  await addMember(platform.id, 'reader', ['tenants:read'])
  await addMember(site.id, 'stranger', ['operators:write'])
  const dir = await temporaryFolder(t)
  const warned: string[] = []
  const check = async (now = Date.now()) => {
    const log = { warn: (_context: object, message: string) => void warned.push(message) }
    const task = createOverdueTask({ database, target: { driver: 'disk', dir }, log, now: () => now })
    await task({}, {} as JobHelpers)
  }
  const mails = async () => (await data.owner.query('select kind, recipient, variables from mail_messages order by created_at')).rows
  const addBackup = async (hoursAgo: number, files: readonly string[]) => {
    const name = newBackupName(new Date(Date.now() - hoursAgo * hour))
    const folder = join(dir, 'objects', 'backups', name)
    await mkdir(folder, { recursive: true })
    for (const file of files) await writeFile(join(folder, file), '{}')
    return name
  }
  return { check, mails, addBackup, warned }
}

const whole = ['dump.pgc', 'manifest.json', 'verified.json']

t.test('while no verified backup is younger than 26 hours the active operators are told, once a day', async (t) => {
  const { check, mails, addBackup, warned } = await createPlatform(t)
  const old = await addBackup(27, whole)
  await addBackup(2, ['dump.pgc', 'manifest.json'])
  await addBackup(1, ['dump.pgc', 'verified.json'])
  await check()
  const mail = { kind: 'backup-overdue', recipient: 'operator@example.org', variables: { last: old } }
  t.same(await mails(), [mail], 'neither what is not verified nor what broke off counts')
  await check()
  t.equal((await mails()).length, 1, 'a second time on the same day it says nothing')
  await check(Date.now() + 24 * hour)
  t.equal((await mails()).length, 2)
  t.match(warned[0], /no verified backup is younger than 26 hours/)
})

t.test('a young verified backup is no reason to write; where there is none at all it says so', async (t) => {
  const { check, mails, addBackup } = await createPlatform(t)
  await check()
  t.match(await mails(), [{ variables: { last: '' } }], 'control')
  await addBackup(25, whole)
  await check(Date.now() + 0.5 * hour)
  t.equal((await mails()).length, 1)
})
