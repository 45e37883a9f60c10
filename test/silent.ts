import { pino } from 'pino'

/** A logger for what a test does not look at. */
export const silent = pino({ level: 'silent' })
