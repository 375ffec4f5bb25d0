import { request as httpRequest } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import t, { type Test } from 'tap'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { pictureOf } from '../branding/brand-calls.ts'
import { eventually } from '../eventually.ts'
import { multipart } from '../multipart.ts'
import { startS3 } from '../storage/s3-server.ts'
import { startDemo } from './start-demo.ts'

t.test('in the demo a changed logo shows on pages and mails of its site, and not on the other’s', { timeout: 120_000 }, async (t) => {
  await changeLogo(t, {})
})

t.test('the same demo keeps its files in a bucket by variables alone', { timeout: 120_000 }, async (t) => {
  const s3 = await startS3(t)
  if (!s3) return
  const { settings } = s3
  await changeLogo(t, {
    S3_BUCKET: settings.bucket,
    S3_ENDPOINT: settings.endpoint,
    S3_ACCESS_KEY_ID: settings.accessKeyId,
    S3_SECRET_ACCESS_KEY: settings.secretAccessKey,
  })
  const storage = createS3Storage(settings)
  t.teardown(() => storage.close())
  const keys = (await Array.fromAsync(storage.list('tenants/'))).map(({ key }) => key)
  t.equal(keys.filter((key) => key.includes('/brand/')).length, 3, 'two of the seed and the new one')
})

async function changeLogo(t: Test, variables: Record<string, string>): Promise<void> {
  const { port, sites } = await startDemo(t, variables)
  const ask = createAsk(port)
  const [camara, cecab] = ['camara-mezochi', 'cecab']
  const owner = sites.find(({ slug }) => slug === cecab)?.accounts.find(({ role }) => role === 'owner')
  const signedIn = await ask(cecab, 'POST', '/v1/auth/sign-in', { json: { email: owner?.email, password: owner?.password } })
  const headers = { authorization: `Bearer ${signedIn.json().accessToken}` }
  const before = { camara: await logoOnPage(ask, camara), cecab: await logoOnPage(ask, cecab) }

  const { payload, headers: own } = multipart({ name: 'logo.png', bytes: await pictureOf('#ff00ff', 900, 300) })
  const image = (await ask(cecab, 'POST', '/v1/brand/images', { body: payload, headers: { ...headers, ...own } })).json()
  const { revision, spec } = (await ask(cecab, 'GET', '/v1/brand/draft', { headers })).json()
  const changed = { revision, spec: { ...spec, images: { ...spec.images, logo: image.id } } }
  const saved = (await ask(cecab, 'PUT', '/v1/brand/draft', { json: changed, headers })).json()
  t.equal((await ask(cecab, 'POST', '/v1/brand/publications', { json: { revision: saved.revision }, headers })).status, 201)

  await eventually(t, 'the page shows another logo', async () => (await logoOnPage(ask, cecab)) !== before.cecab)
  const onPage = await ask(cecab, 'GET', await logoOnPage(ask, cecab))
  t.match(onPage.headers['cache-control'], /immutable/)
  t.ok(await isMagenta(onPage.body))
  t.equal(await logoOnPage(ask, camara), before.camara, 'the other site’s page is as it was')

  const logos = await Promise.all([camara, cecab].map((site) => mailedLogo(t, ask, site)))
  t.ok(await isMagenta(logos[1]), 'mails carry it')
  t.notOk(await isMagenta(logos[0]), 'those of the other site do not')
}

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: Buffer
  json(): ReturnType<typeof JSON.parse>
}

interface Sent {
  headers?: Record<string, string>
  json?: object
  body?: Buffer
}

type Ask = (site: string, method: string, path: string, sent?: Sent) => Promise<Answer>

/** Asks a site by its host: no name has to be looked up. */
function createAsk(port: number): Ask {
  const ask: Ask = async (site, method, path, { headers = {}, json, body = json ? Buffer.from(JSON.stringify(json)) : undefined } = {}) => {
    const type: Record<string, string> = json ? { 'content-type': 'application/json' } : {}
    const length: Record<string, string> = body ? { 'content-length': String(body.length) } : {}
    const all = { host: `${site}.localhost:${port}`, ...type, ...length, ...headers }
    const sent = httpRequest({ host: '127.0.0.1', port, method, path, headers: all })
    sent.end(body)
    const answer = await new Promise<import('node:http').IncomingMessage>((done, failed) => sent.once('response', done).once('error', failed))
    const bytes = await buffer(answer)
    // As clients should: what is answered so has not been done.
    if (answer.statusCode === 503) {
      await delay(Number(answer.headers['retry-after']) * 1000)
      return ask(site, method, path, { headers, ...(json ? { json } : {}), ...(body ? { body } : {}) })
    }
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: bytes, json: () => JSON.parse(bytes.toString()) }
  }
  return ask
}

async function logoOnPage(ask: Ask, site: string): Promise<string> {
  const page = (await ask(site, 'GET', '/account/sign-in')).body.toString()
  return /<header><a href="\/"><img src="([^"]+)"/.exec(page)?.[1] ?? ''
}

/** The logo in a mail that the site sends now, as its recipient's program has it. */
async function mailedLogo(t: Test, ask: Ask, site: string): Promise<Buffer> {
  await ask(site, 'POST', '/v1/auth/sign-up', { json: { email: `ana@${site}.example`, password: 'uma palavra bem comprida', name: 'Ana' } })
  const arrived = async () => (await ask('inbox', 'GET', `/messages?site=${site}`)).json().items
  await eventually(t, 'the mail is in the inbox', async () => (await arrived()).length > 0, 20_000)
  const [{ id }] = await arrived()
  const html = (await ask('inbox', 'GET', `/mail/${id}/body`)).body.toString()
  return Buffer.from(/src="data:image\/png;base64,([^"]+)"/.exec(html)?.[1] ?? '', 'base64')
}

/** In its corner, as far as a format with losses keeps it. */
async function isMagenta(image: Buffer | undefined): Promise<boolean> {
  const [red = 0, green = 0, blue = 0] = await sharp(image).removeAlpha().raw().toBuffer()
  return red > 250 && green < 5 && blue > 250
}
