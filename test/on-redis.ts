import { afterAll, beforeAll, describe } from 'vitest'
import { startRedis, type RunningRedis } from './a-redis.ts'
import { findRequirement } from './requirements.ts'

/** Tests with a Redis of their own, where the machine has one. */
export function describeOnRedis(define: (url: () => string) => void): void {
  const requirement = findRequirement('redis')
  describe.skipIf(requirement.isMissing)(`on Redis${requirement.note}`, () => {
    let redis: RunningRedis
    beforeAll(async () => {
      redis = await startRedis(requirement.program)
    })
    afterAll(() => redis.stop())
    define(() => redis.url)
  })
}
