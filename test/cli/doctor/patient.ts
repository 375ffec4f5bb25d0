import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { newSigningKey } from '../../../src/auth/keys/signing-keys.ts'
import type { Check, Patient, Remark } from '../../../src/cli/doctor/check.ts'
import { admit } from '../../../src/cli/doctor/doctor.ts'
import { createSecretBox } from '../../../src/security/secret-box.ts'
import { createTestDatabase } from '../../database.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** A deployment in good health: one site that can sign, and the hub's own. */
export async function createPatient(t: Test) {
  const data = await createTestDatabase(t)
  const key = randomBytes(32)
  const box = createSecretBox([{ id: 'test', key }])
  const site = await data.addTenant({ slug: 'one', host: 'www.one.example' })
  const platform = await data.addTenant({ slug: 'console', host: 'console.localhost' })
  await data.owner.query(`update tenants set kind = 'platform' where id = $1`, [platform.id])
  const database = data.open()
  for (const { id } of [site, platform]) await database.forTenant(id).signingKey.create({ data: newSigningKey(box, id) })
  const env: NodeJS.ProcessEnv = {
    DATABASE_URL: data.url,
    SECRET_KEYS: `test:${key.toString('base64')}`,
    STORAGE_DIR: await temporaryFolder(t),
  }
  /** As the doctor finds it with these variables. */
  const patient = (more: Record<string, string> = {}, change: Partial<Patient> = {}): Patient => {
    const { patient: admitted, close } = admit({ ...env, ...more })
    t.teardown(close)
    return { ...admitted, ...change }
  }
  return { data, env, key, box, site, platform, db: database.forTenant(site.id), hub: database.forTenant(platform.id), patient }
}

/** `outcome what` of each finding. */
export async function look(check: Check, patient: Patient): Promise<string[]> {
  return told(await remarksOf(check, patient))
}

export async function remarksOf(check: Check, patient: Patient): Promise<Remark[]> {
  const remarks = check.run(patient)
  return remarks instanceof Promise ? remarks : Array.fromAsync(remarks)
}

export function told(remarks: readonly Remark[]): string[] {
  return remarks.map(({ outcome, what }) => `${outcome} ${what}`)
}
