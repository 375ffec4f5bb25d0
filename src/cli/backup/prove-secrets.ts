import type { Config } from '../../config.ts'
import { openDatabase } from '../../db/client.ts'
import { checkSeals } from '../../platform/reseal-secrets.ts'
import { createSecretBox } from '../../security/secret-box.ts'

/** Whether SECRET_KEYS open every secret. */
export async function proveSecrets({ secretKeys }: Config, url: string): Promise<string[]> {
  const database = openDatabase({ url, mode: 'session', max: 2, onError: () => {} })
  try {
    const kinds = await checkSeals(database, createSecretBox(secretKeys))
    return kinds.flatMap(({ unopened }) => unopened).map((where) => `no key of SECRET_KEYS opens ${where}`)
  } finally {
    await database.close()
  }
}
