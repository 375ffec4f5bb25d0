import type { LightMyRequestResponse } from 'fastify'
import sharp from 'sharp'
import type { Static } from 'typebox'
import type { Draft } from '../../src/branding/draft/draft.ts'
import type { BrandSpec } from '../../src/tenancy/brand/brand-spec.ts'
import { password, type TestApp, type TestSite } from '../app.ts'
import { multipart } from '../multipart.ts'

export interface BrandCalls {
  ask(method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: object): Promise<LightMyRequestResponse>
  draft(): Promise<Static<typeof Draft>>
  /** Saves the draft with this change of its spec. */
  save(change: (spec: BrandSpec) => BrandSpec): Promise<LightMyRequestResponse>
  /** Saves and publishes. */
  publish(change: (spec: BrandSpec) => BrandSpec, note?: string): Promise<LightMyRequestResponse>
  upload(bytes: Buffer | string, name?: string, kind?: 'images' | 'fonts'): Promise<LightMyRequestResponse>
  /** Id of an image of that colour and size. */
  image(colour: string, width?: number, height?: number): Promise<string>
}

/** What a site's owner does with its brand. */
export async function brandCalls({ call }: Pick<TestApp, 'call'>, site: TestSite): Promise<BrandCalls> {
  const { accessToken } = (await call(site, { method: 'POST', url: '/v1/auth/sign-in', payload: { email: site.owner.email, password } })).json()
  const headers = { authorization: `Bearer ${accessToken}` }
  const calls: BrandCalls = {
    ask: (method, url, payload) => call(site, { method, url, headers, ...(payload ? { payload } : {}) }),
    draft: async () => (await calls.ask('GET', '/v1/brand/draft')).json(),
    async save(change) {
      const { revision, spec } = await calls.draft()
      return calls.ask('PUT', '/v1/brand/draft', { revision, spec: change(spec) })
    },
    async publish(change, note) {
      const { revision } = (await calls.save(change)).json()
      return calls.ask('POST', '/v1/brand/publications', { revision, ...(note === undefined ? {} : { note }) })
    },
    upload(bytes, name = 'file.png', kind = 'images') {
      const { payload, headers: own } = multipart({ name, bytes })
      return call(site, { method: 'POST', url: `/v1/brand/${kind}`, payload, headers: { ...headers, ...own } })
    },
    image: async (colour, width = 400, height = 100) => (await calls.upload(await pictureOf(colour, width, height))).json().id,
  }
  return calls
}

export function pictureOf(background: string, width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()
}

/** WOFF2 as far as anybody but a browser looks. */
export function fontOf(size = 400): Buffer {
  const font = Buffer.alloc(size)
  font.write('wOF2OTTO', 'latin1')
  font.writeUInt32BE(size, 8)
  return font
}
