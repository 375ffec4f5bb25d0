/** Characters that are shown. */
const longest = 150
/** Characters that are looked at, from the end: the last part of a path is there. A header of multipart may bring thousands. */
const mostRead = 1_000

/** Control characters, those that turn the direction of what follows, those that cannot be seen, and halves of a pair. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
/** What has a meaning to a file system, a shell or a header. */
const awkward = /[<>:"|?*\\/;%`$]/g

/**
 * The name that somebody gave a file, to be shown and to be offered at a download (ASVS V5.3.2). It never becomes a path: files are kept under keys of
 * our own. The extension is ours too, by what the file is.
 */
export function displayName(given: string, extension: string): string {
  const last = given.slice(-mostRead).normalize('NFC').split(/[\\/]/).at(-1) ?? ''
  const clean = last.replace(unsafe, '').replace(awkward, '-').replace(/\s+/g, ' ')
  const stem = withoutEdges(clean.replace(/\.[A-Za-z0-9]{1,8}$/, ''))
  const short = [...stem].slice(0, longest).join('').trimEnd()
  return extension ? `${short || 'file'}.${extension}` : short || 'file'
}

/** Without dots and blanks on either side. By hand: an expression that ends in `$` tries anew from each dot of a long row. */
function withoutEdges(name: string): string {
  const isEdge = (at: number) => /[.\s]/.test(name[at] ?? '')
  let [from, to] = [0, name.length]
  while (isEdge(from)) from++
  while (to > from && isEdge(to - 1)) to--
  return name.slice(from, to)
}
