export function requireUrl(option: string, url: string): string {
  if (!/^postgres(ql)?:\/\/.+/.test(url) || !URL.canParse(url)) throw new Error(`${option} must be a postgresql:// URL.`)
  return url
}
