import { hash, verify } from '@node-rs/argon2'
import { argon2Options } from '../../src/security/passwords/argon2-hash.ts'
import { answerParent, repeat } from './answer-parent.ts'

/** Argon2id with the service's own cost and nothing around it. */
const stored = await hash('correct horse battery', argon2Options)
const callers = Number(process.env.BENCH_CALLERS)

answerParent({
  run: (seconds) => repeat(() => verify(stored, 'correct horse battery'), callers, Number(seconds)),
})
