import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Takes the cluster for this process, and stops a server that a killed owner left running. Throws where the owner lives. */
export async function takeOwnership(home: string): Promise<() => Promise<void>> {
  const file = join(home, 'owner.pid')
  const owner = await readFile(file, 'utf8').catch(() => '')
  const pid = Number(owner.split(' ')[0])
  if (pid && alive(pid) && (await processMark(pid)) === owner) throw inUse(home, pid)
  await rm(file, { force: true })
  await writeFile(file, await processMark(process.pid), { flag: 'wx' }).catch((error) => {
    throw error.code === 'EEXIST' ? inUse(home) : error
  })
  await stopLeftOver(join(home, 'cluster'))
  return () => rm(file, { force: true })
}

function inUse(home: string, pid?: number): Error {
  const who = pid ? `Another Tenantry (process ${pid})` : 'Another Tenantry'
  return new Error(`${who} uses the database in ${home}. Stop it, or set DATA_DIR to another folder.`)
}

async function stopLeftOver(cluster: string): Promise<void> {
  const left = Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0])
  if (!left || !(await isPostgres(left, cluster))) return
  process.kill(left, 'SIGINT')
  for (let tries = 0; tries < 100 && alive(left); tries++) await delay(100)
}

/** Ids are used again, all the sooner in containers that share a volume: on Linux the time of start is added (proc(5), field 22). */
async function processMark(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return [
    pid,
    ...stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(19, 20),
  ].join(' ')
}

/** Only a process whose command line names this cluster is the left-over server. */
async function isPostgres(pid: number, cluster: string): Promise<boolean> {
  if (!alive(pid)) return false
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  return command === undefined || command.includes(cluster)
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
