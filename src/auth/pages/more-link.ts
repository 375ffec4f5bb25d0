import { escapeHtml } from '../../tenancy/escape-html.ts'

/** A link below everything else, as HTML. `text` is HTML too. */
export function renderMore(address: string, text: string): string {
  return `<p class="more"><a href="${escapeHtml(address)}">${text}</a></p>`
}
