import { S3Client } from '@aws-sdk/client-s3'
import type { StorageConfig } from '../config.ts'
import { type ObjectKind, StorageFailure, type StorageReason } from './object-storage.ts'

/** As in the configuration. */
export type S3Settings = Omit<Extract<StorageConfig, { driver: 's3' }>, 'driver'>

/** Milliseconds. A server that is silent for so long has failed: the SDK's own default is to wait for ever. One that takes a body slowly is not silent. */
export interface Patience {
  connection: number
  silence: number
}

/**
 * The SDK begins to listen for silence after three seconds, and waits six for a server to say that it wants a large body. Two silences, or one that took as
 * long, once more for what is aborted, and five seconds for what is tidied up are less than the minute after which a connection without a word is closed
 * (src/app.ts): the caller hears that the storage is away.
 */
const patient: Patience = { connection: 3_000, silence: 12_000 }
const attempts = 4
const attemptsInSilence = 2
/** More wait for one of them. */
const connections = 64

type Connection = Omit<S3Settings, 'bucket' | 'publicEndpoint'>

export function openS3Client(
  { region, endpoint, accessKeyId, secretAccessKey }: Connection,
  patience: Patience = patient,
  most = connections,
): S3Client {
  const client = new S3Client({
    region,
    // Servers other than Amazon's are reached by path, and know fewer checksums.
    ...(endpoint ? { endpoint, forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' } : {}),
    ...(accessKeyId ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    maxAttempts: attempts,
    requestHandler: {
      connectionTimeout: patience.connection,
      socketTimeout: patience.silence,
      httpAgent: { maxSockets: most },
      httpsAgent: { maxSockets: most },
    },
  })
  // Around each attempt.
  client.middlewareStack.add(
    (next, { commandName }) => {
      const since = performance.now()
      let left = commandName === 'AbortMultipartUploadCommand' ? 1 : attemptsInSilence
      return (attempt) =>
        next(attempt).catch((error) => {
          const isOver = isSilence(error) && (--left === 0 || performance.now() - since >= 2 * patience.silence)
          // As its cause the SDK would still find it, and try again.
          throw isOver ? new StorageFailure('unavailable', new Error(String(error))) : error
        })
    },
    { name: 'giveUpInSilence', step: 'finalizeRequest' },
  )
  return client
}

/** Not a connection that broke or was not there, which the SDK gives the same name. */
function isSilence(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError' && error.message.includes('inactivity')
}

/** What a bucket's lifecycle goes by: its rules know prefixes of keys, and every key begins with a tenant. */
export const archiveTag = { Key: 'archive', Value: 'yes' }

export function describedAs({ contentType, archive = false }: ObjectKind, kmsKey?: string) {
  return {
    ContentType: contentType,
    ...(archive ? { Tagging: `${archiveTag.Key}=${archiveTag.Value}` } : {}),
    ...(kmsKey ? { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKey } : {}),
  }
}

/** What the server says, as the storage says it. */
export async function onS3<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw asStorageFailure(error)
  }
}

/** Undefined where there is no such object. */
export async function whereFound<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    if (['NoSuchKey', 'NotFound'].includes(nameOf(error))) return undefined
    throw error
  }
}

export function asStorageFailure(error: unknown): StorageFailure {
  if (error instanceof StorageFailure) return error
  return new StorageFailure(reasons[nameOf(error)] ?? (statusOf(error) === 403 ? 'refused' : 'unavailable'), error)
}

const reasons: Record<string, StorageReason | undefined> = {
  AbortError: 'broken-off',
  AccessDenied: 'refused',
  EntityTooSmall: 'mismatch',
  ExpiredToken: 'refused',
  InvalidAccessKeyId: 'refused',
  InvalidPart: 'mismatch',
  InvalidPartOrder: 'mismatch',
  InvalidToken: 'refused',
  NoSuchBucket: 'refused',
  NoSuchUpload: 'unknown-upload',
  PermanentRedirect: 'refused',
  QuotaExceeded: 'full',
  SignatureDoesNotMatch: 'refused',
  XMinioStorageFull: 'full',
}

/** As S3 names its errors. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

/** Of the answer, where there was one. */
export function statusOf(error: unknown): unknown {
  return Reflect.get(Object(Reflect.get(Object(error), '$metadata')), 'httpStatusCode')
}
