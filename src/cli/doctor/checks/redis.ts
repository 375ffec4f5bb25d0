import { createRedisLink } from '../../../security/limits/redis-link.ts'
import { type Check, ok, problem, skipped } from '../check.ts'

export const redis: Check = {
  name: 'Redis',
  async run({ config: { redisUrl } }) {
    if (!redisUrl) return [skipped('REDIS_URL is not set: each copy of the service counts limits for itself')]
    let trouble: unknown
    const link = createRedisLink({
      url: redisUrl,
      // More than the service has: on a busy machine this process is slow to listen, which says nothing about Redis.
      connectTime: 5_000,
      commandTime: 2_000,
      onAway(error) {
        trouble = error
      },
      onBack() {},
    })
    await link.open()
    link.close()
    if (trouble === undefined) return [ok('it takes what is written')]
    const said = trouble instanceof Error ? trouble.message || 'no answer' : String(trouble)
    return [problem(`it cannot be used: ${said}`, 'Look at REDIS_URL and at the server. Until then each copy counts limits for itself.')]
  },
}
