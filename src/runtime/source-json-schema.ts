import { z } from 'zod'
import { listingObjectSchema, sourceSchema } from '../model/source.ts'

interface JsonSchema {
  readonly [key: string]: unknown
}

/** A part of a JSON Schema as `z.toJSONSchema` writes it. */
const partSchema = z.looseObject({
  properties: z
    .record(z.string(), z.looseObject({ description: z.string().optional(), default: z.unknown().optional() }))
    .optional(),
  required: z.array(z.string()).optional(),
})

function written(schema: z.ZodType): z.output<typeof partSchema> {
  return partSchema.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
}

/** The JSON Schema (2020-12) of a source file, for editors that complete and check YAML by one. */
export function sourceJsonSchema(): JsonSchema {
  const { properties = {}, required = [], ...rest } = written(sourceSchema)
  const { $schema: _, ...listing } = written(listingObjectSchema)
  const listings = {
    ...properties['listings'],
    type: 'array',
    minItems: 1,
    items: { anyOf: [{ type: 'string', format: 'uri' }, listing] },
  }
  return {
    ...rest,
    title: 'A source of Newsfold: one file of config/sources',
    properties: { ...properties, listings },
    // The file's name is the id.
    required: required.filter((name) => name !== 'id'),
  }
}

/** The keys of a source file as a Markdown table, in the order of the schema. */
export function sourceKeysTable(): string {
  const { properties = {}, required = [] } = written(sourceSchema)
  const rows = Object.entries(properties).map(([name, { description = '', default: value }]) => {
    const shown =
      required.includes(name) && name !== 'id' ? 'needed' : value === undefined ? '' : `\`${JSON.stringify(value)}\``
    return `| \`${name}\` | ${description} | ${shown} |`
  })
  return ['| key | what it is | default |', '| --- | --- | --- |', ...rows].join('\n')
}
