import type { Test } from 'tap'
import { isAccessible } from './axe.ts'
import type { DrivenPage } from './drive-page.ts'

/** What holds for every account page: nothing to scroll sideways on the smallest phone, no rule of accessibility broken. `SHOTS=folder` keeps pictures. */
export async function lookAtPage(t: Test, page: DrivenPage, name: string): Promise<void> {
  await page.resize(320, 640)
  t.equal(await page.read('document.documentElement.scrollWidth'), 320, `${name} fits on the smallest phone`)
  await page.resize(390, 844)
  if (process.env.SHOTS) await page.screenshot(`${process.env.SHOTS}/${name}.png`)
  await isAccessible(t, page, name)
}
