const minute = 60_000

/** Pause after so many failures: doubled each time up to `longest`, and drawn from the upper half of that, so that many do not come back at once. */
function pause(failures: number, { first, longest, random }: { first: number; longest: number; random: () => number }): number {
  const whole = Math.min(longest, first * 2 ** Math.max(0, failures - 1))
  return Math.round(whole / 2 + (whole / 2) * random())
}

/** Milliseconds until a mail is tried again: about one minute, then two, four … two hours. */
export function mailPause(attempts: number, random: () => number = Math.random): number {
  return pause(attempts, { first: minute, longest: 120 * minute, random })
}

/** Milliseconds for which a server that failed so often in a row is left alone: about 15 seconds, then 30 … half an hour. */
export function circuitPause(failures: number, random: () => number = Math.random): number {
  return pause(failures, { first: minute / 4, longest: 30 * minute, random })
}

/** Tries after which a mail that the server neither takes nor refuses is given up: with the pauses above, about a day. */
export const mostAttempts = 18
