import { Type } from 'typebox'
import { escapeHtml } from '../../tenancy/escape-html.ts'

export interface ButtonForm {
  action: string
  label: string
  hidden?: Record<string, string>
  /** Id of what the button is about, where several have the same label. */
  about?: string
}

/** One press, for what needs nothing typed. */
export function renderButtonForm({ action, label, hidden = {}, about }: ButtonForm): string {
  const kept = Object.entries(hidden).map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`)
  const described = about ? ` aria-describedby="${about}"` : ''
  return `<form method="post" action="${action}">${kept.join('')}<button type="submit" class="quiet"${described}>${label}</button></form>`
}

/** The query of a page that says what was done: `done` names the sentence. */
export const Done = Type.Object({ done: Type.Optional(Type.String({ maxLength: 40 })) })

/** What has just been done, after the answer that sent the visitor here. */
export function renderDone(sentences: Record<string, string>, done: string | undefined): string[] {
  const said = Object.entries(sentences).find(([name]) => name === done)?.[1]
  return said ? [`<div class="notice" role="status"><p>${said}</p></div>`] : []
}
