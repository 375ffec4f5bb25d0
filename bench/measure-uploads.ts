import { readFile, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { startBucketServer } from './bucket-server.ts'
import { type Child, startChild } from './child.ts'
import type { Sending } from './children/uploader.ts'
import type { Row } from './report.ts'
import { median, type Pace } from './rounds.ts'
import { signInOnce } from './sign-in-once.ts'
import { createFolder, type World } from './world.ts'

const MB = 1024 * 1024
const whole = 1024 * MB
const [atOnce, each] = [10, 128 * MB]

/** A large file by way of the service into a bucket, and what that takes. */
export async function measureUploads({ rounds }: Pace, world: World): Promise<Row[]> {
  const folder = await createFolder()
  const bucket = await startBucketServer(folder)
  try {
    if (!bucket) throw new Error('versitygw is not installed: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0')
    // Jobs would read what was sent while it is measured how the next is.
    const env = { ...world.env, ...bucket.env, WORKER: 'off', MEDIA_QUOTA_MB: '100000' }
    const [server, relay, uploader] = [await startChild('tenantry', env), await startChild('upload-relay', env), await startChild('uploader', {})]
    const service = await serviceTarget(server, world)
    const bare = { url: `http://127.0.0.1:${await relay.ask<number>('port')}/`, headers: {}, form: false }
    const rows = await measure({ uploader, server, relay }, { service, bare }, rounds)
    await Promise.all([server, relay, uploader].map((child) => child.stop()))
    return rows
  } finally {
    await bucket?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

type Target = Omit<Sending, 'bytes' | 'times'>

async function serviceTarget(server: Child, { seeded: { hosts, emails, password } }: World): Promise<Target> {
  const origin = `http://127.0.0.1:${await server.ask<number>('port')}`
  const host = hosts[0] ?? ''
  const token = await signInOnce({ origin, path: '/v1/auth/sign-in', headers: { host } }, { email: emails[0] ?? '', password })
  return { url: `${origin}/v1/media`, headers: { host, authorization: `Bearer ${token}` }, form: true }
}

interface Children {
  uploader: Child
  server: Child
  relay: Child
}

async function measure({ uploader, server, relay }: Children, { service, bare }: { service: Target; bare: Target }, rounds: number): Promise<Row[]> {
  const send = async (child: Child, target: Target, { bytes, times }: { bytes: number; times: number }) => {
    const before = await child.ask<number>('processorTime')
    const { result: seconds, added } = await whileWatched(child.pid, () => uploader.ask<number>('send', { ...target, bytes, times }))
    return { seconds, added, processor: (await child.ask<number>('processorTime')) - before }
  }
  // What is loaded with the first upload is not what an upload takes.
  for (const [child, target] of [
    [server, service],
    [relay, bare],
  ] as const)
    await send(child, target, { bytes: 16 * MB, times: 1 })
  const [ours, theirs]: [Awaited<ReturnType<typeof send>>[], Awaited<ReturnType<typeof send>>[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const turns = [
      async () => ours.push(await send(server, service, { bytes: whole, times: 1 })),
      async () => theirs.push(await send(relay, bare, { bytes: whole, times: 1 })),
    ]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  const ten = await send(server, service, { bytes: each, times: atOnce })
  const [seconds, baseline] = [median(ours.map((one) => one.seconds)), median(theirs.map((one) => one.seconds))]
  const [processor, bareProcessor] = [median(ours.map((one) => one.processor)), median(theirs.map((one) => one.processor))]
  const rate = (bytes: number, took: number) => `${Math.round(bytes / MB / took)} MB/s`
  const added = Math.max(...ours.map((one) => one.added))
  return [
    {
      what: 'an upload of 1 GiB into a bucket / lib-storage alone on the same stream',
      ours: rate(whole, seconds),
      baseline: rate(whole, baseline),
      measured: baseline / seconds,
      byProcessor: bareProcessor / processor,
      wanted: { atLeast: 0.85 },
    },
    {
      what: 'memory that an upload of 1 GiB adds to the service',
      ours: '',
      baseline: `${Math.round(Math.max(...theirs.map((one) => one.added)))} MB`,
      measured: added,
      unit: 'MB',
      wanted: { atMost: 64 },
    },
    {
      what: `memory that ten uploads of ${each / MB} MB at once add to it`,
      ours: rate(atOnce * each, ten.seconds),
      baseline: '',
      measured: ten.added,
      unit: 'MB',
      wanted: { atMost: 256 },
    },
  ]
}

/** The most that a process held beyond what it held before, in MB. */
async function whileWatched<Result>(pid: number, work: () => Promise<Result>): Promise<{ result: Result; added: number }> {
  const before = await residentMegabytes(pid)
  let [most, isOver] = [before, false]
  const watching = (async () => {
    while (!isOver) {
      most = Math.max(most, await residentMegabytes(pid))
      await delay(20)
    }
  })()
  const result = await work().finally(() => {
    isOver = true
  })
  await watching
  return { result, added: most - before }
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
  return kilobytes ? Number(kilobytes) / 1024 : Number.NaN
}
