/** For whoever writes such texts. */
export const guide = [
  'Subject and body are Liquid. {{ name }} puts a variable in; each kind of mail lists its own.',
  'Paragraphs are parted by an empty line; a line break stays one. There is no other markup, and HTML is shown as it is written.',
  'A paragraph that is {{ link }} alone becomes a button, {{ code }} alone is set large, and {{ message }} alone is shown as a quotation.',
  'Mails with a code have to hold both {{ link }} and {{ code }}; the invitation, which has none, {{ link }}.',
  'Tags: if, unless, case. An empty variable counts as false. Filters: upcase, downcase, capitalize, truncate, default.',
].join('\n')
