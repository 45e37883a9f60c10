import { readFileSync, writeFileSync } from 'node:fs'
import { isMap, isNode, isScalar, parseDocument } from 'yaml'
import { ConfigurationError, describeError } from '../model/errors.ts'

/** The text of a source file with `enabled` as asked; comments, order and spacing stay. */
export function withEnabled(text: string, isEnabled: boolean): string {
  const { contents, errors } = parseDocument(text)
  const [broken] = errors
  if (broken || !isMap(contents)) throw new Error(broken?.message.split('\n')[0] ?? 'expected keys with values')
  const pair = contents.items.find(({ key }) => isScalar(key) && key.value === 'enabled')
  if (pair && isNode(pair.value) && pair.value.range) {
    const [start, end] = pair.value.range
    return `${text.slice(0, start)}${isEnabled}${text.slice(end)}`
  }
  if (isEnabled) return text
  return `${text}${text.endsWith('\n') ? '' : '\n'}enabled: false\n`
}

/**
 * Switches a source on or off in its file.
 * @returns whether the file was changed
 * @throws {ConfigurationError} the file cannot be read, understood or written
 */
export function writeEnabled(file: string, isEnabled: boolean): boolean {
  try {
    const text = readFileSync(file, 'utf8')
    const changed = withEnabled(text, isEnabled)
    if (changed !== text) writeFileSync(file, changed)
    return changed !== text
  } catch (cause) {
    throw new ConfigurationError('source.not-edited', `Cannot edit ${file}: ${describeError(cause)}`, cause)
  }
}
