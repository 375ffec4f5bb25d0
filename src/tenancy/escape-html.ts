/** Escaped for element content and quoted attributes. Everything a tenant or a visitor wrote passes through here. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}
