import { readFileSync } from 'node:fs'
import { LineCounter, isMap, isNode, isSeq, parseDocument, type Document } from 'yaml'
import { z } from 'zod'
import { ConfigurationError, describeError } from '../model/errors.ts'
import { nearestName } from '../model/nearest-name.ts'

type Path = readonly PropertyKey[]

/** Byte offset of the innermost part of the document that exists on the way to `path`. */
function offsetOf(document: Document, path: Path, key: string | null): number {
  let node: unknown = document.contents
  for (const step of path) {
    const next: unknown = isMap(node) || isSeq(node) ? node.get(step, true) : undefined
    if (next === undefined) break
    node = next
  }
  if (key !== null && isMap(node)) {
    const pair = node.items.find((item) => isNode(item.key) && String(item.key) === key)
    if (pair && isNode(pair.key)) node = pair.key
  }
  return isNode(node) ? (node.range?.[0] ?? 0) : 0
}

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
})

/** The keys that the schema has at `path`; none where the schema is no object there. */
function knownKeys(schema: z.ZodType, path: Path): string[] {
  let current: unknown = z.toJSONSchema(schema, { unrepresentable: 'any' })
  for (const step of path) {
    const { data } = objectSchema.safeParse(current)
    current = typeof step === 'number' ? data?.items : data?.properties?.[String(step)]
  }
  return Object.keys(objectSchema.safeParse(current).data?.properties ?? {})
}

/**
 * Reads a YAML file by a schema.
 * @throws {ConfigurationError} one line a mistake, each with file, line, key, what was expected and what was there
 */
export function readYamlFile<T extends z.ZodType>(
  file: string,
  schema: T,
  fill?: (value: unknown) => unknown,
): z.output<T> {
  const lines = new LineCounter()
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ConfigurationError('config.unreadable', `Cannot read ${file}: ${describeError(cause)}`, cause)
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true })
  const broken = document.errors[0]
  if (broken) {
    const line = broken.linePos?.[0].line ?? 1
    throw new ConfigurationError('config.no-yaml', `${file}:${line}: ${broken.message.split('\n')[0]}`)
  }
  const value = valueOf(document, file)
  const result = schema.safeParse(fill ? fill(value) : value)
  if (result.success) return result.data
  const mistakes = result.error.issues.flatMap((issue) => {
    const mistake = (key: string | null, says: string) => {
      const { line } = lines.linePos(offsetOf(document, issue.path, key))
      const path = [...issue.path, ...(key === null ? [] : [key])].join('.')
      return { line, text: `${file}:${line}: ${path === '' ? '' : `${path}: `}${says}` }
    }
    if (issue.code !== 'unrecognized_keys') {
      const isRoot = issue.path.length === 0 && issue.code === 'invalid_type'
      return [mistake(null, isRoot ? `expected keys and values, got ${kindOf(value)}` : issue.message)]
    }
    return issue.keys.map((key) => {
      const nearest = nearestName(key, knownKeys(schema, issue.path))
      return mistake(key, `no such key${nearest ? `; did you mean "${nearest}"?` : ''}`)
    })
  })
  const inOrder = mistakes.toSorted((a, b) => a.line - b.line)
  throw new ConfigurationError('config.invalid', inOrder.map(({ text }) => text).join('\n'))
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  return Array.isArray(value) ? 'a list' : JSON.stringify(value)
}

/** @throws {ConfigurationError} an alias has no anchor, or aliases multiply beyond reason */
function valueOf(document: Document, file: string): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    throw new ConfigurationError('config.no-yaml', `${file}:1: ${describeError(cause)}`, cause)
  }
}
