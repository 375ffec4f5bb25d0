import type { Readable } from 'node:stream'
import type { ByteRange } from '../files/byte-range.ts'

/**
 * Where files are kept, by key. Two drivers, `disk` and `s3`, do the same, and one suite of tests holds both to it. Every method rejects with a
 * StorageFailure and nothing else; what is not there is `undefined`.
 */
export interface ObjectStorage {
  /**
   * Streams `body` into one object, in place of what had the key before. It is there as a whole or not at all: where `body` breaks off, or `signal`
   * does, nothing is left that anybody can read.
   */
  put(key: string, body: Readable | Uint8Array, options: PutOptions): Promise<StoredObject>
  read(key: string, range?: ByteRange): Promise<ObjectBody | undefined>
  stat(key: string): Promise<StoredObject | undefined>
  /** What is not there is as good as removed. */
  remove(keys: readonly string[]): Promise<void>
  /** In the order of their keys. */
  list(prefix: string): AsyncIterable<StoredObject>
  /**
   * An address that hands out the object to whoever has it, until it expires. Undefined where the driver has none of its own: then the service
   * hands it out itself.
   */
  signedUrl(key: string, options: SignedUrlOptions): Promise<string | undefined>
  /** Uploads of a large file part by part, which can stop and go on: the client keeps no more than the id. */
  parts: PartUploads
  /**
   * Removes what uploads that broke off before that time have left behind, of keys that begin so: a bucket may be others' too, a folder is not. What
   * may not be removed is told by the failure, when all the rest is gone.
   */
  sweep(before: Date, prefix: string): Promise<void>
  close(): Promise<void>
}

export interface ObjectKind {
  /** Said by a driver that hands the object out itself. */
  contentType: string
  /** Whether it may move to slower, cheaper storage when it has become old: for large originals, which are seldom read. */
  archive?: boolean
}

export interface PutOptions extends ObjectKind {
  signal?: AbortSignal
  /** Is shown the bytes of a stream on their way. */
  see?: (chunk: Uint8Array) => void
  /** Bytes that a stream of unknown length will not come to. Needed above 50 GB: parts are as large as that takes. */
  atMost?: number
}

export interface StoredObject {
  key: string
  /** Bytes. */
  size: number
  /** Changes with the object. */
  etag: string
  modifiedAt: Date
}

export interface ObjectBody extends StoredObject {
  stream: Readable
}

export interface SignedUrlOptions {
  /** Seconds. */
  expiresIn: number
  contentType: string
  /** As the header. */
  contentDisposition: string
}

export interface PartUploads {
  begin(key: string, kind: ObjectKind): Promise<string>
  /** Where the client sends one part by PUT. Undefined where it goes through the service, to `put`. */
  signedUrl(upload: PartUpload, options: { part: number; size: number; expiresIn: number }): Promise<string | undefined>
  /** Where the driver holds parts in memory, and too many come at once, that is no failure of the storage: 503 OVERLOADED. */
  put(upload: PartUpload, options: { part: number; body: Readable; size: number; signal?: AbortSignal }): Promise<UploadedPart>
  /** What has come so far, by number. */
  list(upload: PartUpload): Promise<UploadedPart[]>
  /**
   * Makes the parts one object, once, however many ask for it. They are to be those of `list`, all of them, in their order. While another process
   * does it the upload is unknown.
   */
  complete(upload: PartUpload, parts: readonly UploadedPart[]): Promise<StoredObject>
  /** Forgets the upload and its parts. One that is over is no failure. */
  abort(upload: PartUpload): Promise<void>
}

export interface PartUpload {
  key: string
  /** As `begin` answered it. */
  id: string
}

export interface UploadedPart {
  /** From 1. */
  part: number
  size: number
  etag: string
}

/** All parts but the last have at least so many bytes (S3), and there are at most so many of them. */
export const leastPartSize = 5 * 1024 * 1024
export const mostParts = 10_000

/** `unavailable` and `full` pass; `refused` is a matter of settings; `broken-off` and `mismatch` are the sender's. */
export type StorageReason = 'unavailable' | 'full' | 'refused' | 'broken-off' | 'mismatch' | 'unknown-upload'

export class StorageFailure extends Error {
  override name = 'StorageFailure'
  readonly reason: StorageReason
  constructor(reason: StorageReason, cause?: unknown) {
    super(`the storage: ${reason}`, { cause })
    this.reason = reason
  }
}
