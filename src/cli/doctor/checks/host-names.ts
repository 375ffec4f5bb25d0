import { Resolver } from 'node:dns/promises'
import { type Check, ok, type Patient, problem, type Remark, some, warning } from '../check.ts'

const atOnce = 20

type Answer = 'resolves' | 'absent' | 'unanswered'

/** Every verified host of a site that is served has an address. */
export const hostNames: Check = {
  name: 'host names',
  asksDatabase: true,
  async run(patient) {
    const rows = await patient.database().directory.host.findMany({
      where: { status: 'verified', tenant: { status: 'active' } },
      select: { host: true },
      orderBy: { host: 'asc' },
    })
    // These lead to this machine by themselves, and no name server knows them.
    const names = rows.map(({ host }) => host).filter((host) => !/(^|\.)localhost$/.test(host))
    return judge(names, await ask(names, patient))
  },
}

async function ask(names: readonly string[], { dnsServers }: Patient): Promise<Map<string, Answer>> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  if (dnsServers) resolver.setServers(dnsServers)
  const answers = new Map<string, Answer>()
  for (let from = 0; from < names.length; from += atOnce) {
    const batch = names.slice(from, from + atOnce)
    await Promise.all(batch.map(async (name) => answers.set(name, await lookUp(resolver, name))))
  }
  return answers
}

async function lookUp(resolver: Resolver, name: string): Promise<Answer> {
  const kinds = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  if (kinds.some((kind) => kind.status === 'fulfilled' && kind.value.length > 0)) return 'resolves'
  const known = kinds.every(
    (kind) => kind.status === 'fulfilled' || ['ENOTFOUND', 'ENODATA'].includes(String(Reflect.get(Object(kind.reason), 'code'))),
  )
  return known ? 'absent' : 'unanswered'
}

function judge(names: readonly string[], answers: Map<string, Answer>): Remark[] {
  const of = (answer: Answer) => names.filter((name) => answers.get(name) === answer)
  const [absent, unanswered] = [of('absent'), of('unanswered')]
  const remarks = [
    ...(absent.length > 0
      ? [
          problem(
            `no address is known of ${some(absent)}`,
            'Whoever runs the domain points it here again (A, AAAA or CNAME), or take the host from the site.',
          ),
        ]
      : []),
    ...(unanswered.length > 0
      ? [warning(`no name server answers for ${some(unanswered)}`, "Look at this machine's resolver, or at the name servers of the domain.")]
      : []),
  ]
  return remarks.length > 0 ? remarks : [ok(names.length === 0 ? 'no site has a public host yet' : `all ${names.length} resolve`)]
}
