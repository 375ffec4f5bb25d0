import type { Language } from '../../tenancy/language.ts'

/** In this order: most browsers also call themselves by the names below theirs. */
const browsers: readonly [name: string, mark: RegExp][] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\/|\bOpera\b/],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|Chromium|CriOS)\//],
  ['Safari', /\bSafari\//],
  ['curl', /^curl\//],
]
const systems: readonly [name: string, mark: RegExp][] = [
  ['Android', /\bAndroid\b/],
  ['iOS', /\b(?:iPhone|iPad|iPod)\b/],
  ['Windows', /\bWindows\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\bMacintosh\b|\bMac OS X\b/],
  ['Linux', /\bLinux\b|\bX11\b/],
]
const unknown: Record<Language, string> = { pt: 'aparelho desconhecido', en: 'unknown device', fr: 'appareil inconnu' }

/** Browser and system, such as "Firefox, Linux". Made of the names above alone: what a client calls itself never gets into a mail. */
export function describeDevice(userAgent: string | undefined, language: Language): string {
  const shown = (userAgent ?? '').slice(0, 400)
  const found = [browsers, systems].flatMap((list) => list.find(([, mark]) => mark.test(shown))?.[0] ?? [])
  return found.join(', ') || unknown[language]
}
