import type { Task } from 'graphile-worker'
import type { Database } from '../../db/client.ts'
import type { DailyChore } from '../../jobs/daily.ts'
import { isId } from '../../security/random-token.ts'
import type { SecretBox } from '../../security/secret-box.ts'
import { rotateKey, tidyKeys } from './rotate-key.ts'

/** Exchanges a key that has signed for ninety days, and forgets those that are over. */
export function createKeyChore(box: SecretBox): DailyChore {
  return {
    name: 'signing keys',
    async run(db, tenantId) {
      await tidyKeys(db)
      await rotateKey(db, box, { tenantId, when: 'due' })
    },
  }
}

/** The job that a trigger adds for the moment after a key has signed for the last time. */
export function createTidyKeysTask(database: Database): Task {
  return async (payload) => {
    const tenantId: unknown = Reflect.get(Object(payload), 'tenantId')
    if (typeof tenantId !== 'string' || !isId(tenantId)) throw new TypeError('the job names no tenant')
    await tidyKeys(database.forTenant(tenantId))
  }
}
