import { escapeHtml } from '../../tenancy/escape-html.ts'
import type { Words } from './words.ts'

/** What a page with such a button has to run; of web/. */
export const passkeyScript = 'account/passkey.js'

export interface PasskeyButton {
  purpose: 'sign-in' | 'second-factor' | 'reauthenticate' | 'register' | 'enrol'
  label: string
  /** What is said when it did not work. */
  failed: string
  /** Where the page goes on; checked by the caller. */
  next: string
  pending?: string
  /** Of a new passkey, where nothing is typed. */
  name?: string
}

/** Hidden until the script finds that the browser can do it. */
export function renderPasskeyButton({ purpose, label, ...data }: PasskeyButton): string {
  const attributes = Object.entries(data).map(([name, value]) => `data-${name}="${escapeHtml(value)}"`)
  return `<button type="button" hidden data-passkey="${purpose}" ${attributes.join(' ')}>${label}</button><p id="passkey-told" class="fault-line" role="alert"></p>`
}

/** The button, and the script that its page has to run. */
export function offerPasskey({ passkey }: Words, button: Omit<PasskeyButton, 'failed'>): { html: string; script: string } {
  return { html: renderPasskeyButton({ ...button, failed: passkey.failed }), script: passkeyScript }
}
