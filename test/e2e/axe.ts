import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Test } from 'tap'
import type { DrivenPage } from './drive-page.ts'

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  nodes: { html: string; failureSummary: string }[]
}

/** No rule of axe-core is violated, best practices included, on the page as it is shown now. */
export async function isAccessible(t: Test, page: DrivenPage, name: string): Promise<void> {
  await page.read(`${source};0`)
  const rules = await page.run<number>('axe.run().then(({ passes }) => passes.length)')
  t.ok(rules > 10, `${name}: ${rules} rules looked at the page`)
  const violations = await page.run<Violation[]>('axe.run().then(({ violations }) => violations)')
  t.same(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`),
    [],
    `${name} is accessible`,
  )
}
