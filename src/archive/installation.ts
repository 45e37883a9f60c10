import type { Queryable } from './database.ts'

/**
 * The name of an archive that no other one has. A restored backup gets another: it may run beside the archive that it
 * was taken from.
 */
export async function findInstallation(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ id: string }>('select id from installation')
  const id = rows[0]?.id
  if (id === undefined) throw new Error('The table "installation" is empty: migration 0008 puts a row into it')
  return id
}
