import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** The clocks of Newsfold's processes, by role: files that say how far each is off. */
export class Clocks {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** What a process is started with so that its clock can be moved. */
  environment(role: string): NodeJS.ProcessEnv {
    const preload = new URL('./moved-clock.mjs', import.meta.url).href
    return { CHAOS_CLOCK: this.#file(role), NODE_OPTIONS: `--import=${preload}` }
  }

  /** Moves a clock, at once as well when its process runs. @returns where to, for a line */
  move(role: string, chance: number): string {
    const moves = [hourMs, -hourMs, dayMs, -dayMs] as const
    const offsetMs = moves[Math.floor(chance * moves.length)] ?? hourMs
    writeFileSync(this.#file(role), String(offsetMs))
    return `${role} ${offsetMs / hourMs} h off`
  }

  #file(role: string): string {
    return join(this.#folder, `clock-${role}`)
  }
}
