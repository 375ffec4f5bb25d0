import { text } from 'node:stream/consumers'
import { type ObjectStorage, StorageFailure } from '../storage/object-storage.ts'
import { keyOf } from './backup-name.ts'

/** Whose it is, as far as its manifest tells somebody who may read it. What else there is to say of it others do. */
export async function hubOf(storage: ObjectStorage, name: string): Promise<string | undefined> {
  try {
    const body = await storage.read(keyOf(name, 'manifest.json'))
    const hub: unknown = body && Reflect.get(Object(JSON.parse(await text(body.stream))), 'hub')
    return typeof hub === 'string' ? hub : undefined
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof StorageFailure && error.reason === 'refused')) return undefined
    throw error
  }
}

/** Of a hub, or of nobody knows whom. */
export async function mayBeOf(storage: ObjectStorage, name: string, hub: string | undefined): Promise<boolean> {
  const its = hub === undefined ? undefined : await hubOf(storage, name)
  return its === undefined || its === hub
}
