import { Readable } from 'node:stream'
import { DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { ByteRange } from '../files/byte-range.ts'
import { eachIn } from './each-in.ts'
import {
  leastPartSize,
  mostParts,
  type ObjectBody,
  type ObjectStorage,
  type PutOptions,
  StorageFailure,
  type StoredObject,
} from './object-storage.ts'
import { uploadInRefilledParts } from './refilled-parts.ts'
import { describedAs, nameOf, onS3, openS3Client, type Patience, type S3Settings, whereFound } from './s3-client.ts'
import { createS3Parts, type S3Bucket, sweepUploads } from './s3-parts.ts'
import { countedSender } from './sender.ts'

/** Of what S3 takes in one request. */
const removedAtOnce = 1_000
/** Parts of an upload in memory at once. */
const queueSize = 2
/** Objects that are read at once. */
const readers = 256

/** Objects of one bucket of Amazon S3 or a server that speaks its protocol. */
export function createS3Storage(settings: S3Settings, patience?: Patience): ObjectStorage {
  const { bucket: Bucket, kmsKey } = settings
  const client = openS3Client(settings, patience)
  // Of its own: whoever reads an object holds a connection for as long as they go on, and all else must not wait for that.
  const reader = openS3Client(settings, patience, readers)
  const signer = signerOf(settings, client)
  const bucket = { client, signer, Bucket, kmsKey }
  return {
    put: (key, body, options) => onS3(() => put(bucket, key, body, options)),
    read: (key, range) => onS3(() => whereFound(() => read(reader, { Bucket, Key: key }, range))),
    stat: (key) => onS3(() => whereFound(() => describe(client, { Bucket, Key: key }))),
    remove: (keys) =>
      onS3(async () => {
        for (let at = 0; at < keys.length; at += removedAtOnce) await remove(client, Bucket, keys.slice(at, at + removedAtOnce))
      }),
    async *list(prefix) {
      for await (const { Contents = [] } of eachIn(onS3, paginateListObjectsV2({ client }, { Bucket, Prefix: prefix }))) {
        for (const { Key = '', Size = 0, ETag = '', LastModified } of Contents) {
          yield { key: Key, size: Size, etag: bare(ETag), modifiedAt: LastModified ?? new Date(0) }
        }
      }
    },
    signedUrl: (key, { expiresIn, contentType, contentDisposition }) =>
      onS3(async () => {
        if (!signer) return undefined
        const shown = { ResponseContentType: contentType, ResponseContentDisposition: contentDisposition }
        return getSignedUrl(signer, new GetObjectCommand({ Bucket, Key: key, ...shown }), { expiresIn })
      }),
    parts: createS3Parts(bucket, (key) => describe(client, { Bucket, Key: key })),
    sweep: (before, prefix) => onS3(() => sweepUploads(bucket, before, prefix)),
    async close() {
      client.destroy()
      reader.destroy()
      if (signer !== client) signer?.destroy()
    },
  }
}

/** Signatures hold the address that they are for. Undefined where browsers reach no address of the bucket. */
function signerOf(settings: S3Settings, client: S3Client): S3Client | undefined {
  if (settings.publicEndpoint === 'none') return undefined
  return settings.publicEndpoint ? openS3Client({ ...settings, endpoint: settings.publicEndpoint }) : client
}

interface Place {
  Bucket: string
  Key: string
}

/** Of what is less than a part lib-storage makes one request. Where it fails it aborts what it began. */
async function put({ client, Bucket, kmsKey }: S3Bucket, key: string, body: Readable | Uint8Array, options: PutOptions): Promise<StoredObject> {
  const { signal, see, atMost = 0, ...kind } = options
  const described = { Bucket, Key: key, ...describedAs(kind, kmsKey) }
  if (body instanceof Uint8Array) {
    const { ETag = '' } = await client.send(new PutObjectCommand({ ...described, Body: body }), signal ? { abortSignal: signal } : {})
    return { key, size: body.length, etag: bare(ETag), modifiedAt: new Date() }
  }
  const { stream, count } = countedSender(body, see ? { see } : {})
  const partSize = Math.max(leastPartSize, Math.ceil(atMost / mostParts))
  const upload = uploadInRefilledParts({ client, params: described, queueSize, partSize, leavePartsOnError: false }, stream)
  const abort = () => void upload.abort()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    signal?.throwIfAborted()
    const { ETag = '' } = await upload.done()
    return { key, size: count(), etag: bare(ETag), modifiedAt: new Date() }
  } catch (error) {
    // The upload is ours, and the sender's nothing: it is forgotten, or the answer that it is complete was lost and it was asked for again.
    throw nameOf(error) === 'NoSuchUpload' ? new StorageFailure('unavailable', error) : error
  } finally {
    signal?.removeEventListener('abort', abort)
    stream.destroy()
  }
}

async function read(client: S3Client, place: Place, range: ByteRange | undefined): Promise<ObjectBody> {
  const wanted = range ? { Range: `bytes=${range.first}-${range.last}` } : {}
  const { Body, ContentLength = 0, ContentRange, ETag = '', LastModified } = await client.send(new GetObjectCommand({ ...place, ...wanted }))
  if (!(Body instanceof Readable)) throw new StorageFailure('unavailable')
  const size = Number(/\/(\d+)$/.exec(ContentRange ?? '')?.[1] ?? ContentLength)
  return { key: place.Key, size, etag: bare(ETag), modifiedAt: LastModified ?? new Date(0), stream: Body }
}

async function describe(client: S3Client, place: Place): Promise<StoredObject> {
  const { ContentLength = 0, ETag = '', LastModified } = await client.send(new HeadObjectCommand(place))
  return { key: place.Key, size: ContentLength, etag: bare(ETag), modifiedAt: LastModified ?? new Date(0) }
}

async function remove(client: S3Client, Bucket: string, keys: readonly string[]): Promise<void> {
  const Objects = keys.map((Key) => ({ Key }))
  const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }))
  const [first] = Errors
  if (first) throw Object.assign(new Error(first.Message ?? 'an object could not be removed'), { name: first.Code ?? '' })
}

function bare(etag: string): string {
  return etag.replaceAll('"', '')
}
