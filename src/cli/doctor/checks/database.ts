import { databaseWords } from '../../database-words.ts'
import { asLogin } from '../as-login.ts'
import { type Check, ok, problem, skipped } from '../check.ts'

const wanted = 17

export const database: Check = {
  name: 'database',
  async run({ config, env }) {
    const { url } = config.database
    if (!url) {
      return [
        env.DATABASE_URL
          ? problem('DATABASE_URL cannot be used', 'Set a postgresql:// URL.')
          : skipped('DATABASE_URL is not set: development has its own'),
      ]
    }
    try {
      const number = await asLogin(url, async (login) => Number((await login.query('show server_version_num')).rows[0]?.server_version_num))
      const major = Math.floor(number / 10_000)
      if (major === wanted) return [ok(`PostgreSQL ${major}.${number % 10_000} answers`)]
      const remedy = `Move it to PostgreSQL ${wanted}: policies and backups are made and tested for that.`
      return [{ ...problem(`it is PostgreSQL ${major}, not ${wanted}`, remedy), outcome: major > wanted ? 'warning' : 'problem' }]
    } catch (error) {
      const said = databaseWords(error) ?? (error instanceof Error ? error.message : String(error))
      return [problem(said, 'Look at DATABASE_URL: host, port, database, login and password, and whether this machine may reach it.')]
    }
  },
}
