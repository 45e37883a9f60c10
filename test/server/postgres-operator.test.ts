import { describe } from 'vitest'
import { testOperatorActions } from './operator-conformance.ts'

describe('on PostgreSQL', () => {
  testOperatorActions('postgres', () => null)
})
