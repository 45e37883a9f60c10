import type { Database } from './database.ts'
import type { QueryResultRow } from 'pg'

/** PostgreSQL's `query_canceled`. */
const canceled = '57014'

/** How long one search may take. */
export interface SearchBudget {
  readonly endsAt: number
  /** Milliseconds, from anywhere. */
  readonly now: () => number
}

export function startBudget(forMs: number, now: () => number): SearchBudget {
  return { endsAt: now() + forMs, now }
}

/** Rows of a statement; `null` when the budget was over before its end. */
export async function queryWithin<Row extends QueryResultRow>(
  database: Database,
  { endsAt, now }: SearchBudget,
  statement: { readonly text: string; readonly values: readonly unknown[] },
): Promise<readonly Row[] | null> {
  const leftMs = Math.floor(endsAt - now())
  if (leftMs <= 0) return null
  try {
    return await database.transaction(async (client) => {
      // Estimates do not know what it costs to read a list of lexemes: reading all of them is never right.
      await client.query(`set local statement_timeout = ${leftMs}; set local enable_seqscan = off`)
      return (await client.query<Row>(statement.text, statement.values)).rows
    })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === canceled) return null
    throw error
  }
}
