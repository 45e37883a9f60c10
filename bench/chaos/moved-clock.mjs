// Loaded into a process before Newsfold: its clock is off by as many milliseconds as the file CHAOS_CLOCK says, as if
// the system's clock had been set. Timers go on as they do then: they do not follow the clock.
import { readFileSync } from 'node:fs'

const file = process.env.CHAOS_CLOCK
const everyMs = 100
const RealDate = Date
let offsetMs = 0

function look() {
  try {
    offsetMs = Number(readFileSync(file, 'utf8')) || 0
  } catch {
    offsetMs = 0
  }
}

class MovedDate extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offsetMs)
    else super(...given)
  }

  static now() {
    return RealDate.now() + offsetMs
  }
}

if (file) {
  look()
  setInterval(look, everyMs).unref()
  // Also without "new": the text of this moment.
  globalThis.Date = new Proxy(MovedDate, { apply: () => new MovedDate().toString() })
}
