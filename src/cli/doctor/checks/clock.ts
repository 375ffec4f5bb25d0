import { asLogin } from '../as-login.ts'
import { type Check, ok, problem, warning } from '../check.ts'

/** Seconds. A code of an authenticator app is good for thirty. */
const noticeable = 5
const harmful = 30

/** Tokens are dated by this machine, sessions by the database. */
export const clock: Check = {
  name: 'clock',
  asksDatabase: true,
  async run({ config, now }) {
    const { before, after, theirs } = await asLogin(config.database.url, async (login) => {
      const asked = now()
      const { rows } = await login.query('select extract(epoch from clock_timestamp())::float8 * 1000 as at')
      return { before: asked, after: now(), theirs: Number(rows[0]?.at) }
    })
    // Somewhere between the question and the answer.
    const apart = Math.max(0, before - theirs, theirs - after) / 1000
    const said = `this machine's clock and the database's are ${apart.toFixed(1)} s apart`
    const remedy = 'Have both follow the same time servers (NTP).'
    if (apart > harmful) return [problem(said, remedy)]
    return [apart > noticeable ? warning(said, remedy) : ok(said)]
  },
}
