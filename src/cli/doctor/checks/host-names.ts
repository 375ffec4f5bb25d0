import { createDns, type Dns, DnsUnreachable } from '../../../security/dns/dns-lookup.ts'
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

async function ask(names: readonly string[], { config }: Patient): Promise<Map<string, Answer>> {
  const dns = createDns({ ...config.dns, timeoutMs: 2_000 })
  const answers = new Map<string, Answer>()
  for (let from = 0; from < names.length; from += atOnce) {
    const batch = names.slice(from, from + atOnce)
    await Promise.all(batch.map(async (name) => answers.set(name, await lookUp(dns, name))))
  }
  return answers
}

async function lookUp(dns: Dns, name: string): Promise<Answer> {
  const lookUps = dns.open()
  try {
    return (await lookUps.addresses(name)).length > 0 ? 'resolves' : 'absent'
  } catch (error) {
    if (!(error instanceof DnsUnreachable)) throw error
    return 'unanswered'
  } finally {
    lookUps.close()
  }
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
