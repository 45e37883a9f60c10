import { type CheerioAPI, load } from 'cheerio/slim'
import type { Document, Element } from 'domhandler'
import { HtmlTree } from './html-tree.ts'

/** The largest real article page seen has 1.5 million characters; the rest of a longer one is not read. */
const maxCharacters = 3_000_000

/** A class, since each object literal with a getter is of a kind of its own, which keeps the page until the next full collection. */
export class ParsedHtml {
  readonly document: Document
  /** The elements by which the page speaks of itself: html, meta, title, link, base, script. */
  readonly about: readonly Element[]
  /** What was left out because of a limit, in words for an operator; empty for any real page. */
  readonly warnings: readonly string[]
  #query: CheerioAPI | null = null

  constructor({ document, about }: HtmlTree, warnings: readonly string[]) {
    this.document = document
    this.about = about
    this.warnings = warnings
  }

  /** Made when it is asked for: most readings go without it. */
  get $(): CheerioAPI {
    return (this.#query ??= load(this.document, { xml: false }))
  }
}

/**
 * Parses HTML, well-formed or not, a document or a fragment, in time and memory bounded by the limits on its length, its
 * nesting and its number of nodes. `<html>`, `<head>` and `<body>` are there only when the page has them.
 * `attributes`: the names of those that are kept; absent: all.
 */
export function parseHtml(
  html: string,
  { attributes }: { readonly attributes?: ReadonlySet<string> } = {},
): ParsedHtml {
  const warnings: string[] = []
  if (html.length > maxCharacters) {
    warnings.push(`The page has ${html.length} characters; only the first ${maxCharacters} were read.`)
  }
  const tree = new HtmlTree(html.length > maxCharacters ? html.slice(0, maxCharacters) : html, attributes ?? null)
  tree.build()
  if (tree.hitDepth) warnings.push('The page nests its elements too deeply; the innermost ones were read as siblings.')
  if (tree.hitSize) warnings.push('The page has too many elements; the last ones were not read.')
  return new ParsedHtml(tree, warnings)
}
