// Writes the tables that documents take from the code. `--check` changes nothing and fails when one is stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { settingsTable } from '../src/runtime/settings-table.ts'

const parts = [{ file: 'README.md', name: 'settings', text: settingsTable() }]
const isCheck = process.argv.includes('--check')

for (const { file, name, text } of parts) {
  const before = readFileSync(file, 'utf8')
  const pattern = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[^]*?(<!-- /${name} -->)`)
  const after = before.replace(pattern, (_, open: string, close: string) => `${open}\n${text}\n\n${close}`)
  if (after === before) continue
  if (isCheck) {
    process.stderr.write(`${file}: the table "${name}" is stale; run "npm run docs"\n`)
    process.exitCode = 1
  } else writeFileSync(file, after)
}
