import { resolve } from 'node:path'
import { settingsSchema } from './settings.ts'

/** The settings as a Markdown table, in the order of the schema. */
export function settingsTable(): string {
  const defaults: Readonly<Record<string, string | number | null | readonly string[]>> = settingsSchema.parse({})
  const rows = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const value = defaults[name]
    // Folders are resolved against where the program runs, which no document can know.
    const shown = typeof value === 'string' ? value.replace(`${resolve('.')}/`, '') : String(value ?? '')
    return `| \`${name}\` | ${schema.description ?? ''} | ${shown === '' ? '' : `\`${shown}\``} |`
  })
  return ['| setting | what it is | default |', '| --- | --- | --- |', ...rows].join('\n')
}
