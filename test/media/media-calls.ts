import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import sharp from 'sharp'
import type { Test } from 'tap'
import { createImages } from '../../src/files/images.ts'
import { checkMedia } from '../../src/media/check/check-media.ts'
import { tenantStorage } from '../../src/storage/tenant-storage.ts'
import { createTestApp, type TestAppOptions, type TestSite } from '../app.ts'
import { authCalls } from '../auth/auth-calls.ts'
import { multipart, type SentFile } from '../multipart.ts'

type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
type Headers = Record<string, string>

/** A service with two sites, and the calls of their owners. */
export async function createMediaApp(t: Test, options: TestAppOptions = {}) {
  const tools = await createTestApp(t, options)
  const { app, data, a, call } = tools
  const tokens = new Map<string, string>()
  const tokenOf = async (site: TestSite) => {
    // Asserts nothing: files may be added before the first test begins.
    const known = tokens.get(site.id) ?? (await authCalls(app).open(site)).accessToken
    tokens.set(site.id, known)
    return known
  }
  /** As the site's owner. */
  const ask = async (
    method: Method,
    url: string,
    { site = a, payload, headers = {} }: { site?: TestSite; payload?: object; headers?: Headers } = {},
  ) =>
    call(site, {
      method,
      url,
      headers: { authorization: `Bearer ${await tokenOf(site)}`, ...headers },
      ...(payload ? { payload } : {}),
    } as InjectOptions)
  /** As anybody. */
  const visit = (url: string, headers: Headers = {}, { site = a, method = 'GET' as Method } = {}) => call(site, { method, url, headers })
  const send = (file: SentFile | undefined, fields: Record<string, string> = {}, site: TestSite = a): Promise<LightMyRequestResponse> =>
    ask('POST', '/v1/media', { site, ...multipart(file, fields) })
  const images = createImages()
  const storageOf = (site: TestSite) => tenantStorage(app.objectStorage, site.id)
  const dbOf = (site: TestSite) => app.database.forTenant(site.id)
  /** What the worker does. */
  const check = (id: string, site: TestSite = a) => checkMedia({ db: dbOf(site), storage: storageOf(site), images }, id)
  /** Sends a file, has it checked, and answers it as staff see it. */
  const add = async (file: SentFile, fields: Record<string, string> = {}, site: TestSite = a) => {
    const answer = await send(file, fields, site)
    if (answer.statusCode !== 201) throw new Error(`the upload answered ${answer.body}`)
    await check(answer.json().id, site)
    return (await ask('GET', `/v1/media/${answer.json().id}`, { site })).json()
  }
  const rowsOf = async (site: TestSite = a) => (await data.owner.query('select * from media where tenant_id = $1 order by id', [site.id])).rows
  const keysOf = async (site: TestSite = a) => (await Array.fromAsync(storageOf(site).list('media/'))).map(({ key }) => key)
  return { ...tools, tokenOf, ask, visit, send, add, check, images, storageOf, dbOf, rowsOf, keysOf }
}

/** A photograph of so many pixels, red on its left half and blue on its right. */
export async function photo(width: number, height: number, format: 'png' | 'jpeg' = 'png'): Promise<Buffer> {
  const left = { input: { create: { width: Math.ceil(width / 2), height, channels: 3 as const, background: '#ff0000' } }, left: 0, top: 0 }
  const picture = sharp({ create: { width, height, channels: 3, background: '#0000ff' } }).composite([left])
  return picture.toFormat(format).toBuffer()
}

/** What is said of a file where a part of it is sent. */
export const ofFile = ['accept-ranges', 'content-disposition', 'content-range', 'etag']

export function saysOfFile({ headers }: { headers: object }): string[] {
  return ofFile.filter((name) => name in headers)
}
