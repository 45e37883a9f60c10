import { describe } from 'vitest'
import { testPush } from './push-conformance.ts'

describe('on PostgreSQL', () => {
  testPush('postgres', () => null)
})
