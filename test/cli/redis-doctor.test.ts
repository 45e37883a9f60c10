import { describe, expect, test, vi } from 'vitest'
import { startRedis } from '../a-redis.ts'
import { findRequirement } from '../requirements.ts'
import { anInstallation } from './newsfold.ts'

vi.setConfig({ testTimeout: 60_000 })
const requirement = findRequirement('redis')

describe.skipIf(requirement.isMissing)(`doctor with a Redis${requirement.note}`, () => {
  test.each([
    [[], []],
    [
      ['--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru'],
      ['appendonly is off', 'maxmemory-policy is allkeys-lru'],
    ],
    [['--rename-command', 'CONFIG', ''], ['does not show its settings']],
  ])('with the settings %j it warns of %j and of no problem', async (settings, warnings) => {
    const newsfold = anInstallation({ city: 'name: 城市\nlistings: [https://city.example/]\n' })
    const redis = await startRedis(requirement.program, settings)
    try {
      const { code, out } = await newsfold.run(['doctor'], { env: { REDIS_URL: redis.url } })
      expect(code).toBe(0)
      expect(out).toContain('answers')
      const said = out.split('\n').filter((line) => /^! +Redis/.test(line))
      expect(said).toHaveLength(warnings.length)
      for (const [index, warning] of warnings.entries()) expect(said[index]).toContain(warning)
    } finally {
      await redis.stop()
      await newsfold.remove()
    }
  })
})
