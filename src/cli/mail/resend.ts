import { countWorkers } from '../../jobs/worker-presence.ts'
import { type SentAgain, sendDeadAgain } from '../../mail/outbox/send-dead-again.ts'
import type { CommonFlags } from '../add-command.ts'
import { print } from '../print.ts'
import { findSites } from '../sites/find-sites.ts'
import type { Tools } from '../tools.ts'

export interface ResendFlags extends CommonFlags {
  all?: boolean
}

interface Resent extends SentAgain {
  site: string
}

export async function resendMails(tools: Tools, slug: string | undefined, { all = false, ...flags }: ResendFlags): Promise<void> {
  if (all === (slug !== undefined)) throw new Error('Name a site, or give --all. tenantry jobs list tells which sites have undelivered mails.')
  const resent = await tools.withDatabase(async (database) => {
    const sites: Resent[] = []
    for (const { id, slug: site } of await findSites(database, slug)) {
      const { again, runOut } = await sendDeadAgain(database.forTenant(id), id)
      if (again + runOut > 0) sites.push({ site, again, runOut })
    }
    return sites
  })
  if (resent.some(({ again }) => again > 0) && (await tools.withJobs(countWorkers)) === 0) {
    console.error('No job worker is connected: the mails leave when one is (src/server.ts with WORKER=on, or src/worker.ts).')
  }
  print(flags, resent, () => (resent.length === 0 ? 'No mail is left undelivered.' : resent.map(sentence).join('\n')))
}

function sentence({ site, again, runOut }: Resent): string {
  const left = runOut > 0 ? `; ${count(runOut)} with a link that has run out ${runOut === 1 ? 'stays' : 'stay'}` : ''
  return `${site}: ${count(again)} in the outbox again${left}`
}

function count(mails: number): string {
  return `${mails} ${mails === 1 ? 'mail' : 'mails'}`
}
