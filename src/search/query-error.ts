import { NewsfoldError } from '../model/errors.ts'

/** A query that cannot be understood: what is wrong with it, and where. */
export class QueryError extends NewsfoldError {
  /** The character that it is about: 1 for the first one. */
  readonly at: number

  constructor(at: number, chinese: string, english: string) {
    super('search.bad-query', `第 ${at} 个字：${chinese}。Character ${at}: ${english}.`, { retry: 'never' })
    this.at = at
  }
}
