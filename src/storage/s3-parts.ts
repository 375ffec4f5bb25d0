import { buffer } from 'node:stream/consumers'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type ListPartsCommandOutput,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createBoundedQueue } from '../security/bounded-queue.ts'
import { newestParts, type PartCopy } from './newest-parts.ts'
import { type PartUpload, type PartUploads, StorageFailure, type StoredObject, type UploadedPart } from './object-storage.ts'
import { asStorageFailure, describedAs, nameOf, onS3, whereFound } from './s3-client.ts'
import { areAllParts } from './same-parts.ts'
import { countedSender } from './sender.ts'

export interface S3Bucket {
  client: S3Client
  /** By the address that browsers reach; undefined where they reach none. */
  signer: S3Client | undefined
  Bucket: string
  /** As in the configuration. */
  kmsKey: string | undefined
}

/** Parts that the service sends, in memory at once, and those that wait for it. */
const heldParts = { concurrency: 8, queue: 32 }

/** Multipart uploads as S3 has them. */
export function createS3Parts({ client, signer, Bucket, kmsKey }: S3Bucket, describe: (key: string) => Promise<StoredObject>): PartUploads {
  const hold = createBoundedQueue(heldParts)
  const place = ({ key, id }: PartUpload) => {
    // A request without an id is another one: a part would become an object.
    if (id === '') throw new StorageFailure('unknown-upload')
    return { Bucket, Key: key, UploadId: id }
  }
  const list = async (upload: PartUpload): Promise<UploadedPart[]> => {
    const found: PartCopy[] = []
    // Not the SDK's paginator: it goes by the marker alone, which some servers also send with their last page.
    for (let marker: string | undefined, more = true; more; ) {
      const page: ListPartsCommandOutput = await client.send(
        new ListPartsCommand({ ...place(upload), ...(marker ? { PartNumberMarker: marker } : {}) }),
      )
      for (const { PartNumber: part = 0, Size: size = 0, ETag: etag = '', LastModified: sentAt = new Date(0) } of page.Parts ?? []) {
        found.push({ part, size, etag, sentAt })
      }
      marker = page.NextPartNumberMarker
      more = page.IsTruncated === true && marker !== undefined
    }
    return newestParts(found)
  }
  /** Where only the answer was lost: the upload is over, and what it was to make is there. */
  const isMade = async (upload: PartUpload, wanted: readonly UploadedPart[]) => {
    const there = await list(upload).catch((error) => {
      if (nameOf(error) !== 'NoSuchUpload') throw error
    })
    const made = there ? undefined : await whereFound(() => describe(upload.key))
    return made?.size === wanted.reduce((sum, { size }) => sum + size, 0)
  }
  return {
    begin: (key, kind) =>
      onS3(async () => {
        const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: key, ...describedAs(kind, kmsKey) }))
        if (!UploadId) throw new StorageFailure('unavailable')
        return UploadId
      }),
    signedUrl: (upload, { part, size, expiresIn }) =>
      onS3(async () => {
        if (!signer) return undefined
        const command = new UploadPartCommand({ ...place(upload), PartNumber: part, ContentLength: size })
        return getSignedUrl(signer, command, {
          expiresIn,
          unhoistableHeaders: new Set(['content-length']),
          signableHeaders: new Set(['host', 'content-length']),
        })
      }),
    async put(upload, { part, body, size, signal }) {
      const { stream } = countedSender(body, { exactly: size })
      const send = async () => {
        // Held in memory, so that it can be sent again: it is the size of a part.
        const command = new UploadPartCommand({ ...place(upload), PartNumber: part, Body: await buffer(stream) })
        const { ETag = '' } = await client.send(command, signal ? { abortSignal: signal } : {})
        return { part, size, etag: ETag }
      }
      try {
        return await hold(() => onS3(send))
      } finally {
        stream.destroy()
      }
    },
    list: (upload) => onS3(() => list(upload)),
    complete: (upload, wanted) =>
      onS3(async () => {
        if (!areAllParts(await list(upload), wanted)) throw new StorageFailure('mismatch')
        const Parts = wanted.map(({ part, etag }) => ({ PartNumber: part, ETag: etag }))
        try {
          await client.send(new CompleteMultipartUploadCommand({ ...place(upload), MultipartUpload: { Parts } }))
        } catch (error) {
          // A server that is silent would not tell either.
          if (error instanceof StorageFailure || !(await isMade(upload, wanted))) throw error
        }
        return describe(upload.key)
      }),
    abort: (upload) => unlessOver(() => onS3(() => client.send(new AbortMultipartUploadCommand(place(upload))))),
  }
}

/** An upload that has ended is as good as aborted. */
async function unlessOver(abort: () => Promise<unknown>): Promise<void> {
  try {
    await abort()
  } catch (error) {
    if (asStorageFailure(error).reason !== 'unknown-upload') throw error
  }
}

/**
 * For servers that keep no lifecycle: uploads that nobody completed. One that we may not abort keeps none of the others. All are listed, because MinIO takes a prefix
 * for a whole key.
 */
export async function sweepUploads({ client, Bucket }: S3Bucket, before: Date, prefix: string): Promise<void> {
  let refusal: unknown
  for (let marker: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}; marker; ) {
    const page: Awaited<ReturnType<typeof ask>> = await ask(marker)
    for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? []) {
      if (!Key.startsWith(prefix) || !Initiated || Initiated >= before) continue
      await unlessOver(() => client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))).catch((error) => {
        if (asStorageFailure(error).reason !== 'refused') throw error
        refusal ??= error
      })
    }
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page
    marker = page.IsTruncated && KeyMarker && UploadIdMarker ? { KeyMarker, UploadIdMarker } : undefined
  }
  if (refusal) throw refusal
  function ask(from: { KeyMarker?: string; UploadIdMarker?: string }) {
    return client.send(new ListMultipartUploadsCommand({ Bucket, ...from }))
  }
}
