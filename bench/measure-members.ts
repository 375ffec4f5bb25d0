import { loadConfig } from '../src/config.ts'
import { type Child, startChild } from './child.ts'
import type { Counted } from './children/answer-parent.ts'
import { load, storm } from './load.ts'
import { compare, type Row } from './report.ts'
import { type Pace, takeTurns } from './rounds.ts'
import { emailsOf, seedMembers } from './seed-members.ts'
import { signInOnce } from './sign-in-once.ts'
import type { World } from './world.ts'

const [few, many] = [10, 100_000]
/** Fewer than the few, since one account is not let in many times at once. */
const callers = 8

/** A site of a hundred thousand members beside one of ten, on one server. */
export async function measureMembers(pace: Pace, world: World): Promise<Row[]> {
  const config = loadConfig(world.env)
  const { tenantIds, hosts, password } = world.seeded
  const site = async (at: number, members: number) => {
    await seedMembers(config, { tenantId: tenantIds[at] ?? '', members, password })
    return { host: hosts[at] ?? '', emails: emailsOf(members, Math.min(members, 1_000)) }
  }
  const [small, large] = [await site(1, few), await site(2, many)]
  const server = await startChild('tenantry', world.env)
  try {
    const origin = `http://127.0.0.1:${await server.ask<number>('port')}`
    const at = ({ host }: { host: string }, path: string) => ({ origin, path, headers: { host } })
    const signIns = (of: typeof small) => (seconds: number) => signInFor({ target: at(of, '/v1/auth/sign-in'), emails: of.emails, password }, seconds)
    const signedIn = await takeTurns(pace, { large: measured(server, signIns(large)), small: measured(server, signIns(small)) })
    const me = async (of: typeof small) => {
      const token = await signInOnce(at(of, '/v1/auth/sign-in'), { email: of.emails[0] ?? '', password })
      const target = { ...at(of, '/v1/me'), headers: { host: of.host, authorization: `Bearer ${token}` } }
      return (seconds: number) => load(target, seconds, server)
    }
    const read = await takeTurns(pace, { large: await me(large), small: await me(small) })
    const name = `of ${many.toLocaleString('en')} members / of ${few}`
    return [
      compare(`sign-ins at a site ${name}`, signedIn.large, signedIn.small, { atLeast: 0.9 }),
      compare(`GET /v1/me at a site ${name}`, read.large, read.small, { atLeast: 0.9 }),
    ]
  } finally {
    await server.stop()
  }
}

interface Site {
  target: Parameters<typeof storm>[0]
  emails: readonly string[]
  password: string
}

async function signInFor({ target, emails, password }: Site, seconds: number): Promise<Counted> {
  const running = storm(
    target,
    emails.map((email) => JSON.stringify({ email, password })),
    callers,
  )
  const timer = setTimeout(() => running.stop(), seconds * 1000)
  return running.counted.finally(() => clearTimeout(timer))
}

function measured(server: Child, round: (seconds: number) => Promise<Counted>) {
  return async (seconds: number) => {
    const before = await server.ask<number>('processorTime')
    const counted = await round(seconds)
    return { ...counted, processor: (await server.ask<number>('processorTime')) - before }
  }
}
