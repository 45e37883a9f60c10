// Puts what `tsc` leaves behind (SQL, stylesheets, data) beside the compiled modules that read it.
import { cpSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'

const assets = new Set(['.sql', '.css', '.json', '.html', '.yaml', '.svg', '.js'])

for (const entry of readdirSync('src', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !assets.has(extname(entry.name))) continue
  const from = join(entry.parentPath, entry.name)
  cpSync(from, from.replace(/^src/, 'dist'))
}
