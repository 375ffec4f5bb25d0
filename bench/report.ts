import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Rate } from './rounds.ts'

export interface Row {
  what: string
  ours: string
  baseline: string
  /** The figure that is held against `wanted`. */
  measured: number
  unit?: string
  /** The same ratio by processor time, which other work on the machine disturbs less. */
  byProcessor?: number
  wanted?: { atLeast: number } | { atMost: number }
}

export interface Machine {
  postgres: string
}

const project = new URL('..', import.meta.url)

/** A row of two rates; without `wanted` it is there for orientation. */
export function compare(what: string, ours: Rate, baseline: Rate, wanted?: Row['wanted']): Row {
  return {
    what,
    ours: perSecond(ours),
    baseline: perSecond(baseline),
    measured: ours.perSecond / baseline.perSecond,
    ...(ours.processor > 0 && baseline.processor > 0 ? { byProcessor: baseline.processor / ours.processor } : {}),
    ...(wanted ? { wanted } : {}),
  }
}

export function perSecond({ perSecond: rate }: Rate): string {
  return `${rate < 100 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en')}/s`
}

export function isMet({ measured, wanted }: Row): boolean {
  if (!wanted) return true
  return 'atLeast' in wanted ? measured >= wanted.atLeast : measured <= wanted.atMost
}

/** A Markdown table that is as easy to read in a terminal. */
export function table(rows: readonly Row[]): string {
  const cells = [
    ['what', 'ours', 'baseline', 'ratio', 'by CPU time', 'wanted', 'ok'],
    ...rows.map((row) => [
      row.what,
      row.ours,
      row.baseline,
      row.unit ? `${figure(row.measured)} ${row.unit}` : figure(row.measured),
      row.byProcessor === undefined ? '' : figure(row.byProcessor),
      wantedText(row),
      row.wanted ? (isMet(row) ? 'yes' : 'NO') : '',
    ]),
  ]
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const lines = cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  return lines.join('\n')
}

export async function writeResults(rows: readonly Row[], { postgres }: Machine): Promise<string> {
  const file = new URL('bench/RESULTS.md', project)
  const memory = Math.round(os.totalmem() / 2 ** 30)
  const cpu = os.cpus()[0]?.model.trim() || 'unknown'
  const facts = [
    `- ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, commit ${await commit()}`,
    `- ${os.availableParallelism()} cores (${cpu}), ${memory} GB, ${os.type()} ${os.release()}`,
    `- Node ${process.versions.node}, PostgreSQL ${postgres}, fastify ${await version('fastify')}, prisma ${await version('@prisma/client')}, ` +
      `@node-rs/argon2 ${await version('@node-rs/argon2')}, autocannon ${await version('autocannon')}`,
    '- Load generator, server and PostgreSQL share the cores. Rates depend on the machine; the ratios are of one run, in alternating rounds.',
  ]
  await writeFile(file, `# The last run of \`npm run bench\`\n\n${facts.join('\n')}\n\n${table(rows)}\n`)
  return fileURLToPath(file)
}

function figure(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function wantedText({ wanted, unit }: Row): string {
  if (!wanted) return ''
  const bound = 'atLeast' in wanted ? `≥ ${wanted.atLeast.toFixed(2)}` : `≤ ${wanted.atMost}`
  return unit ? `${bound} ${unit}` : bound
}

async function version(name: string): Promise<string> {
  return JSON.parse(await readFile(new URL(`node_modules/${name}/package.json`, project), 'utf8')).version
}

/** Marked when the tree holds changes; an unpacked archive has none. */
async function commit(): Promise<string> {
  const git = promisify(execFile)
  const { stdout } = await git('git', ['describe', '--always', '--dirty'], { cwd: fileURLToPath(project) }).catch(() => ({ stdout: 'unknown' }))
  return stdout.trim()
}
