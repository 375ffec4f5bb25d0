import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { parse } from 'yaml'
import { root } from '../house/import-graph.ts'

const files = (await Array.fromAsync(glob('.github/workflows/*.yml', { cwd: root }))).sort()
const texts = await Promise.all(files.map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const))

test('actions are pinned by SHA, rights are least, and every job ends some time', (t) => {
  for (const [file, text] of texts) {
    for (const [line] of text.matchAll(/uses: .*/g)) t.match(line, /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, `${file}: ${line}`)
    const { permissions, jobs } = parse(text)
    t.same(permissions, { contents: 'read' }, file)
    for (const [name, job] of Object.entries<{ 'timeout-minutes'?: number }>(jobs)) t.ok(job['timeout-minutes'], `${file}: ${name}`)
    t.equal(text.match(/actions\/checkout@/g)?.length, text.match(/persist-credentials: false/g)?.length, `${file} leaves no token behind`)
  }
  t.end()
})

test('every secret and variable of the workflows is in docs/github-actions.md, and none else', async (t) => {
  const used = new Set(texts.flatMap(([, text]) => [...text.matchAll(/\b(secrets|vars)\.(\w+)/g)].map(([, kind, name]) => `${name} ${kind}`)))
  const page = await readFile(join(root, 'docs/github-actions.md'), 'utf8')
  const told = [...page.matchAll(/^\| `(\w+)` \| (secret|variable) \|/gm)].map(
    ([, name, kind]) => `${name} ${kind === 'secret' ? 'secrets' : 'vars'}`,
  )
  t.same(told.sort(), [...used].sort())
})

test('the drill knows of the place of backups all that the verification does, and of backups all that may be needed to open them', async (t) => {
  const steps = async (file: string, job: string): Promise<{ name?: string; env?: Record<string, string> }[]> =>
    parse(await readFile(join(root, '.github/workflows', file), 'utf8')).jobs[job].steps
  const verify = (await steps('backup.yml', 'verify')).find(({ name }) => name === 'Verify')?.env ?? {}
  const drill = (await steps('restore-drill.yml', 'drill')).find(({ name }) => name === 'Drill')?.env ?? {}
  const shared = Object.entries(verify).filter(([name]) => /^(BACKUP|S3)_/.test(name))
  t.ok(shared.length >= 4, 'control')
  for (const [name, value] of shared) t.equal(drill[name], value, name)
})

test('a role is lent for as long as its job may take, and no longer than it may be', async (t) => {
  const template = await readFile(join(root, 'infra/aws/storage.yaml'), 'utf8')
  const longest = [...template.matchAll(/MaxSessionDuration: (\d+)/g)].map(([, seconds]) => Number(seconds))
  t.equal(longest.length, 2, 'control')
  for (const [file, text] of texts) {
    const jobs: Record<string, { 'timeout-minutes': number; steps?: { uses?: string; with?: Record<string, unknown> }[] }> = parse(text).jobs
    for (const [name, { 'timeout-minutes': minutes, steps = [] }] of Object.entries(jobs)) {
      for (const { with: given } of steps.filter(({ uses = '' }) => uses.startsWith('aws-actions/configure-aws-credentials@'))) {
        const seconds = Number(given?.['role-duration-seconds'])
        t.ok(seconds >= minutes * 60 && seconds <= Math.min(...longest), `${file}: ${name}`)
      }
    }
  }
})
