import { testRolling } from './rolling-conformance.ts'

testRolling(() => ({}))
