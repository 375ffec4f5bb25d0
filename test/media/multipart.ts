/** A body of multipart/form-data, as a browser sends it. */
export interface Multipart {
  payload: Buffer
  headers: { 'content-type': string; 'content-length': string }
}

export interface SentFile {
  name: string
  bytes: Buffer | string
  /** What its sender says it is: nobody asks. */
  type?: string
}

const boundary = '----tenantry-test-boundary'

/** Fields come before the file, or after it. */
export function multipart(file: SentFile | undefined, before: Record<string, string> = {}, after: Record<string, string> = {}): Multipart {
  return asBody([...fieldParts(before), ...(file ? [filePart(file)] : []), ...fieldParts(after)])
}

export function asBody(parts: readonly Buffer[]): Multipart {
  const payload = Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)])
  return { payload, headers: headersOf(payload.length) }
}

export function headersOf(length: number): Multipart['headers'] {
  return { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': String(length) }
}

export function fieldParts(fields: Record<string, string>): Buffer[] {
  return Object.entries(fields).map(([name, value]) =>
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  )
}

export function filePart({ name, bytes, type = 'application/octet-stream' }: SentFile, field = 'file'): Buffer {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from('\r\n')])
}
