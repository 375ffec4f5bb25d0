import { proveWalls, WallError } from '../../../db/prove-walls.ts'
import { type Check, ok, problem } from '../check.ts'

/** As the server proves them before it serves. */
export const walls: Check = {
  name: 'walls',
  asksDatabase: true,
  async run(patient) {
    try {
      await proveWalls(patient.database().directory)
      return [ok('nothing but its own rows can be reached from any tenant')]
    } catch (error) {
      if (!(error instanceof WallError)) throw error
      const breaches = error.message.split('\n').slice(1)
      return breaches.map((breach) =>
        problem(breach.trim(), 'The server will not serve. Undo what was changed past the migrations, or restore a backup.'),
      )
    }
  },
}
