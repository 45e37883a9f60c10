import { testSteering } from './steer-conformance.ts'

testSteering('postgres', () => null)
