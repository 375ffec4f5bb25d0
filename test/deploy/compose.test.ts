import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { Environment } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config.ts'
import { root } from '../house/import-graph.ts'

interface Service {
  entrypoint?: string[]
  env_file?: string[]
  environment?: Record<string, string>
}

const text = await readFile(join(root, 'compose.yaml'), 'utf8')
const services: Record<string, Service> = parse(text, { merge: true }).services
const guide = await readFile(join(root, 'docs/deploy-docker.md'), 'utf8')

/** The file that the guide has written, with something in place of what openssl would print. */
const [, heredoc = ''] = /<<EOF\n(.*?)\nEOF\n/s.exec(guide) ?? []
const deployFile = Object.fromEntries(
  heredoc.split('\n').map((line, at) => {
    const [name = '', value = ''] = line.split(/=(.*)/s)
    return [name, value.replace(/\$\(openssl rand -(hex|base64) (\d+)\)/, (_, kind, bytes) => made(Number(bytes), at).toString(kind))]
  }),
)

function made(bytes: number, seed: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, at) => (at * 37 + seed * 11) % 256))
}

/** As compose puts values in place of variables. */
function filledIn(value: string): string {
  return value.replace(/\$\{(\w+)(?::[?-]([^}]*))?\}/g, (_, name: string) => deployFile[name] ?? '')
}

/** What a container gets: the file, what the image sets, and what stands in compose.yaml, which goes first. */
function environmentOf(name: string): Record<string, string> {
  const { env_file = [], environment = {} } = services[name] ?? {}
  const own = Object.entries(environment).map(([variable, value]) => [variable, filledIn(value)])
  return { ...(env_file.length > 0 ? deployFile : {}), NODE_ENV: 'production', ...Object.fromEntries(own) }
}

t.test('the file of the Docker guide has what compose.yaml asks for', (t) => {
  const asked = new Set([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name))
  t.ok(asked.size > 4, 'control')
  for (const name of asked) t.ok(deployFile[name], name)
  t.end()
})

t.test('every container of ours gets variables that the service knows, and all that it has to have', (t) => {
  for (const name of ['web-a', 'web-b', 'migrate', 'cli', 'backup']) {
    const given = environmentOf(name)
    for (const [variable, value] of Object.entries(services[name]?.environment ?? {})) {
      if (value !== '') t.ok(variable in Environment.properties, `${name}: ${variable}`)
    }
    const { storage, database } = loadConfig(given)
    t.match(storage, { driver: 's3', bucket: 'tenantry-media', publicEndpoint: 'none' }, name)
    const login = name.startsWith('web') ? 'tenantry_service' : 'postgres'
    t.equal(new URL(database.url).username, login, name)
  }
  t.end()
})

t.test('the command line starts as npm and its first line do, wherever it starts', async (t) => {
  const read = (path: string) => readFile(join(root, path), 'utf8')
  const [program, image, manifest] = await Promise.all(['src/cli.ts', 'Dockerfile', 'package.json'].map(read))
  const words = String(JSON.parse(manifest ?? '').scripts.tenantry).split(' ')
  t.match(words, ['node', /^--max-semi-space-size=/, 'src/cli.ts'])
  t.equal(program?.split('\n')[0], `#!/usr/bin/env -S ${words.slice(0, -1).join(' ')}`)
  t.same(JSON.parse(/^ENTRYPOINT (.*cli.*)$/m.exec(image ?? '')?.[1] ?? '[]'), words)
  t.same(services.cli?.entrypoint, words)
  t.end()
})

t.test('the service gets no secret that is not its own', (t) => {
  const given = environmentOf('web-a')
  for (const name of ['POSTGRES_PASSWORD', 'S3_ENCRYPTION_KEY']) {
    t.ok(deployFile[name], 'control')
    t.notOk(
      Object.values(given).some((value) => value.includes(deployFile[name] ?? '?')),
      name,
    )
  }
  t.end()
})
