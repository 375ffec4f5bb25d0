import { isId } from '../security/random-token.ts'
import type { ObjectStorage, PartUpload, StoredObject } from './object-storage.ts'

/** The storage of one tenant: the same, with keys below its own folder, which no key leads out of. */
export type TenantStorage = Omit<ObjectStorage, 'sweep' | 'close'>

/** Segments of plain letters, none of which begins with a dot: no key can be read in two ways, by no file system and no URL. */
const segment = '[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}'
const ownKey = new RegExp(`^${segment}(/${segment}){0,7}$`)
const ownPrefix = new RegExp(`^(${segment}/){0,7}(${segment})?$`)

/** Whether a key that came from somewhere else is one. */
export const isOwnKey = (key: string) => ownKey.test(key)

/** All keys of tenants are below it. */
export const tenantsPrefix = 'tenants/'

/** `tenants/<id>/…`. Throws a TypeError for a key that is malformed: keys are ours, never what somebody typed. */
export function tenantStorage(storage: ObjectStorage, tenantId: string): TenantStorage {
  if (!isId(tenantId)) throw new TypeError('a tenant is named by its id')
  const folder = `${tenantsPrefix}${tenantId}/`
  const inside = (key: string) => folder + wellFormed(ownKey, key)
  const own = <One extends StoredObject>(object: One): One => ({ ...object, key: object.key.slice(folder.length) })
  const upload = ({ key, id }: PartUpload): PartUpload => ({ key: inside(key), id })
  return {
    put: async (key, body, options) => own(await storage.put(inside(key), body, options)),
    async read(key, range) {
      const found = await storage.read(inside(key), range)
      return found && own(found)
    },
    async stat(key) {
      const found = await storage.stat(inside(key))
      return found && own(found)
    },
    remove: async (keys) => storage.remove(keys.map(inside)),
    async *list(prefix) {
      for await (const object of storage.list(folder + wellFormed(ownPrefix, prefix))) yield own(object)
    },
    signedUrl: async (key, options) => storage.signedUrl(inside(key), options),
    parts: {
      begin: async (key, options) => storage.parts.begin(inside(key), options),
      signedUrl: async (one, options) => storage.parts.signedUrl(upload(one), options),
      put: async (one, options) => storage.parts.put(upload(one), options),
      list: async (one) => storage.parts.list(upload(one)),
      complete: async (one, parts) => own(await storage.parts.complete(upload(one), parts)),
      abort: async (one) => storage.parts.abort(upload(one)),
    },
  }
}

function wellFormed(grammar: RegExp, key: string): string {
  if (!grammar.test(key)) throw new TypeError('a storage key is malformed')
  return key
}
