import { fork, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import type { z } from 'zod'

/**
 * Has a file of this folder do a task in a process of its own.
 * @returns what it answers
 */
export async function askChild<Schema extends z.ZodType>(
  file: string,
  task: Serializable,
  schema: Schema,
): Promise<z.output<Schema>> {
  const child = fork(new URL(file, import.meta.url))
  child.send(task)
  const answered: unknown[] = await once(child, 'message')
  child.disconnect()
  return schema.parse(answered[0])
}
