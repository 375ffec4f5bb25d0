import type { Task } from 'graphile-worker'
import type { Database } from '../../db/client.ts'
import type { Images } from '../../files/images.ts'
import { isId } from '../../security/random-token.ts'
import type { ObjectStorage } from '../../storage/object-storage.ts'
import { tenantStorage } from '../../storage/tenant-storage.ts'
import { checkMedia } from './check-media.ts'

export interface CheckTaskTools {
  database: Database
  objectStorage: ObjectStorage
  images: Images
}

/** The job that a trigger adds for a file that has come, or whose focus has moved. What fails for a time is tried again by the queue. */
export function createCheckMediaTask({ database, objectStorage, images }: CheckTaskTools): Task {
  return async (payload) => {
    const { tenantId, mediaId } = Object(payload)
    if (!(isId(String(tenantId)) && isId(String(mediaId)))) throw new TypeError('the job names no file')
    await checkMedia({ db: database.forTenant(tenantId), storage: tenantStorage(objectStorage, tenantId), images }, mediaId)
  }
}
