import { createHash } from 'node:crypto'
import { problem } from '../errors.ts'
import { isId } from '../security/random-token.ts'

/** The place after which a list goes on: its last entry's sort key. */
export interface Position {
  at: Date
  id: string
}

/** `list` names the list (tenant and collection), so that a cursor is refused anywhere else. */
export function writeCursor(list: string, { at, id }: Position): string {
  return Buffer.from(`${mark(list)}.${at.getTime().toString(36)}.${id}`).toString('base64url')
}

/** Throws 400 CURSOR_INVALID for anything that this list did not give. `fits` says what an id of the list looks like. */
export function readCursor(list: string, cursor: string, fits: (id: string) => boolean = isId): Position {
  const [, time = '', ...rest] = Buffer.from(cursor, 'base64url').toString().split('.')
  const position = { at: new Date(Number.parseInt(time, 36)), id: rest.join('.') }
  if (!fits(position.id) || !isStorable(position.at) || writeCursor(list, position) !== cursor) throw problem('CURSOR_INVALID')
  return position
}

/** PostgreSQL's calendar ends before JavaScript's does; four digits are enough for both. */
function isStorable(date: Date): boolean {
  const year = date.getUTCFullYear()
  return year >= 1 && year <= 9999
}

function mark(list: string): string {
  return createHash('sha256').update(list).digest('base64url').slice(0, 12)
}
