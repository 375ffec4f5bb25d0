/**
 * Enhanced status codes (RFC 3463, RFC 7505) that say: no such mailbox, and there will be none. Deliberately not among them: 5.2.2 (full) and 5.3.x
 * (the receiver's trouble), which pass; 5.7.x, a verdict on the sender or the text; 5.4.4 and 5.1.0, which a fault of the sending server brings too.
 */
const badMailbox = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1'])

export function isBadMailbox(status: string): boolean {
  return badMailbox.has(status)
}

/** A permanent status in a text, such as `5.1.1` in "550 5.1.1 no such user". */
export function permanentStatus(text: string): string | undefined {
  return /(?:^|[^\d.])(5\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(text)?.[1]
}
