import { randomBytes } from 'node:crypto'

/** All backups are below it. */
export const backupsPrefix = 'backups/'

const form = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{8}$/

export type DumpFile = 'dump.pgc' | 'dump.pgc.age'

/** By the time of its snapshot, its milliseconds in the first three of the last digits, so that names in order are backups in order. The rest is chance. */
export function newBackupName(at: Date): string {
  const milliseconds = at.getUTCMilliseconds().toString(16).padStart(3, '0')
  return `${at.toISOString().replace(/[-:]|\.\d+/g, '')}-${milliseconds}${randomBytes(3).toString('hex').slice(1)}`
}

/** Undefined where it is no name of a backup. */
export function takenAt(name: string): Date | undefined {
  const [, ...parts] = form.exec(name) ?? []
  const [year, month, day, hour, minute, second] = parts
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(at.getTime()) ? undefined : at
}

export function keyOf(name: string, file: DumpFile | 'manifest.json' | 'verified.json' | 'failed.json'): string {
  return `${backupsPrefix}${name}/${file}`
}
