import { readFileSync, writeFileSync } from 'node:fs'
import { isMap, isNode, isScalar, parseDocument } from 'yaml'
import { ConfigurationError, describeError } from '../model/errors.ts'

/** The text of a source file with `enabled` as asked; comments, order and spacing stay. */
export function withEnabled(text: string, isEnabled: boolean): string {
  return withValue(text, 'enabled', String(isEnabled), isEnabled ? 'true' : null)
}

/**
 * The text of a source file with a plain value of one key; comments, order and spacing stay.
 * @param unless the value that the key has when the file does not name it
 */
export function withValue(text: string, name: string, value: string, unless: string | null): string {
  const { contents, errors } = parseDocument(text)
  const [broken] = errors
  if (broken || !isMap(contents)) throw new Error(broken?.message.split('\n')[0] ?? 'expected keys with values')
  const pair = contents.items.find(({ key }) => isScalar(key) && key.value === name)
  if (pair && isNode(pair.value) && pair.value.range) {
    const [start, end] = pair.value.range
    return `${text.slice(0, start)}${value}${text.slice(end)}`
  }
  if (value === unless) return text
  return `${text}${text.endsWith('\n') ? '' : '\n'}${name}: ${value}\n`
}

/**
 * Switches a source on or off in its file.
 * @returns whether the file was changed
 * @throws {ConfigurationError} the file cannot be read, understood or written
 */
export function writeEnabled(file: string, isEnabled: boolean): boolean {
  return edit(file, (text) => withEnabled(text, isEnabled))
}

/** Notes in a source's file the day on which it was seen to work. */
export function writeVerified(file: string, day: string): boolean {
  return edit(file, (text) => withValue(text, 'verified', day, null))
}

function edit(file: string, change: (text: string) => string): boolean {
  try {
    const text = readFileSync(file, 'utf8')
    const changed = change(text)
    if (changed !== text) writeFileSync(file, changed)
    return changed !== text
  } catch (cause) {
    throw new ConfigurationError('source.not-edited', `Cannot edit ${file}: ${describeError(cause)}`, cause)
  }
}
