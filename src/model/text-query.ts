/** What the archive keeps of a text to find it by. */
export interface SearchText {
  /** The title in normal form. */
  readonly title: string
  /** Title and text in normal form. */
  readonly text: string
  /** Everything the index knows of it; what stands in the title is there a second time, marked. */
  readonly lexemes: readonly string[]
  /** Numbers, from -32,768 to 32,767, of sequences longer than lexemes. */
  readonly sequences?: readonly number[]
}

/** One lexeme that a text must have, or the beginning of one. */
export interface QueryLexeme {
  readonly lexeme: string
  readonly isPrefix: boolean
}

/** A word or phrase to be found. */
export interface PhraseQuery {
  readonly kind: 'phrase'
  readonly scope: 'text' | 'title'
  /** Normal form: what a text that has the phrase has as a substring. */
  readonly normal: string
  /** Lexemes that every text with the phrase has. */
  readonly lexemes: readonly QueryLexeme[]
  /** Whether a text that has the lexemes has the phrase as well, so that nothing is left to be compared. */
  readonly isDecidedByLexemes: boolean
  /** Numbers of longer sequences, which every text with the phrase has too; others may have them as well. */
  readonly sequences?: readonly number[]
}

/** Which texts are wanted. */
export type TextQuery =
  | PhraseQuery
  | { readonly kind: 'and'; readonly parts: readonly TextQuery[] }
  | { readonly kind: 'or'; readonly parts: readonly TextQuery[] }
  | { readonly kind: 'not'; readonly part: TextQuery }
