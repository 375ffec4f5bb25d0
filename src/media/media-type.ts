import { problem } from '../errors.ts'
import { type FileKind, sniffFile } from '../files/sniff-file.ts'

export const mediaKinds = ['image', 'video', 'audio', 'document'] as const
export type MediaKind = (typeof mediaKinds)[number]

export interface MediaType {
  kind: MediaKind
  contentType: string
  /** Without the dot. */
  extension: string
}

const openXml = 'application/vnd.openxmlformats-officedocument'
const openDocument = 'application/vnd.oasis.opendocument'

/** What is taken, by what the sniffer calls it. Anything that is not here is refused: archives, programs, pages, whatever their names say. */
const taken: Record<string, MediaType | undefined> = {
  'image/png': { kind: 'image', contentType: 'image/png', extension: 'png' },
  'image/jpeg': { kind: 'image', contentType: 'image/jpeg', extension: 'jpg' },
  'image/webp': { kind: 'image', contentType: 'image/webp', extension: 'webp' },
  'image/avif': { kind: 'image', contentType: 'image/avif', extension: 'avif' },
  'image/gif': { kind: 'image', contentType: 'image/gif', extension: 'gif' },
  'image/svg+xml': { kind: 'image', contentType: 'image/svg+xml', extension: 'svg' },
  'video/mp4': { kind: 'video', contentType: 'video/mp4', extension: 'mp4' },
  'video/x-m4v': { kind: 'video', contentType: 'video/mp4', extension: 'mp4' },
  'video/webm': { kind: 'video', contentType: 'video/webm', extension: 'webm' },
  'video/quicktime': { kind: 'video', contentType: 'video/quicktime', extension: 'mov' },
  'audio/mpeg': { kind: 'audio', contentType: 'audio/mpeg', extension: 'mp3' },
  'audio/mp4': { kind: 'audio', contentType: 'audio/mp4', extension: 'm4a' },
  'audio/x-m4a': { kind: 'audio', contentType: 'audio/mp4', extension: 'm4a' },
  'audio/ogg': { kind: 'audio', contentType: 'audio/ogg', extension: 'ogg' },
  'audio/wav': { kind: 'audio', contentType: 'audio/wav', extension: 'wav' },
  'application/pdf': { kind: 'document', contentType: 'application/pdf', extension: 'pdf' },
  [`${openXml}.wordprocessingml.document`]: { kind: 'document', contentType: `${openXml}.wordprocessingml.document`, extension: 'docx' },
  [`${openXml}.spreadsheetml.sheet`]: { kind: 'document', contentType: `${openXml}.spreadsheetml.sheet`, extension: 'xlsx' },
  [`${openXml}.presentationml.presentation`]: { kind: 'document', contentType: `${openXml}.presentationml.presentation`, extension: 'pptx' },
  [`${openDocument}.text`]: { kind: 'document', contentType: `${openDocument}.text`, extension: 'odt' },
  [`${openDocument}.spreadsheet`]: { kind: 'document', contentType: `${openDocument}.spreadsheet`, extension: 'ods' },
  [`${openDocument}.presentation`]: { kind: 'document', contentType: `${openDocument}.presentation`, extension: 'odp' },
}

/** Text has no first bytes of its own: it goes by its name, has to be UTF-8 to its end, and is only ever a download. */
const texts: Record<string, MediaType | undefined> = {
  csv: { kind: 'document', contentType: 'text/csv; charset=utf-8', extension: 'csv' },
  txt: { kind: 'document', contentType: 'text/plain; charset=utf-8', extension: 'txt' },
}

/** Every extension that is taken, for whoever is refused. */
export const takenExtensions = [...new Set([...Object.values(taken), ...Object.values(texts)].flatMap((type) => type?.extension ?? []))]

export const isText = ({ contentType }: { contentType: string }) => contentType.startsWith('text/')

/** What a file is by its first bytes, and undefined where that is nothing we take. */
export async function mediaTypeOf(head: Uint8Array, name: string): Promise<MediaType | undefined> {
  const found: FileKind | undefined = await sniffFile(head)
  if (found) return taken[found.contentType.split(';')[0] ?? '']
  return head.includes(0) ? undefined : texts[extensionOf(name)]
}

/** As its sender calls it: a hint, and no more. */
export function extensionOf(name: string): string {
  return /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? ''
}

/** What a file of that extension is, if it is one we take: else most likely a document. */
export function kindOfExtension(extension: string): MediaKind {
  return Object.values(taken).find((type) => type?.extension === extension)?.kind ?? 'document'
}

export function refuseType(): never {
  throw problem('MEDIA_TYPE_REFUSED', { issues: [{ path: '/file', message: `must be one of ${takenExtensions.join(', ')}, by what is in it` }] })
}
