const longest = 150

/** Control characters, those that turn the direction of what follows, those that cannot be seen, and halves of a pair. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
/** What has a meaning to a file system, a shell or a header. */
const awkward = /[<>:"|?*\\/;%`$]/g

/**
 * The name that somebody gave a file, to be shown and to be offered at a download (ASVS V5.3.2). It never becomes a path: files are kept under keys of
 * our own. The extension is ours too, by what the file is.
 */
export function displayName(given: string, extension: string): string {
  const last = given.normalize('NFC').split(/[\\/]/).at(-1) ?? ''
  const clean = last.replace(unsafe, '').replace(awkward, '-').replace(/\s+/g, ' ')
  const stem = clean.replace(/\.[A-Za-z0-9]{1,8}$/, '').replace(/^[.\s]+|[.\s]+$/g, '')
  const short = [...stem].slice(0, longest).join('').trimEnd()
  return extension ? `${short || 'file'}.${extension}` : short || 'file'
}
