import type { CheerioAPI } from 'cheerio/slim'
import { Element } from 'domhandler'
import type { PageSource } from '../model/page.ts'
import type { ArticleRules } from '../model/source.ts'
import { oneLine } from './clean-text.ts'

/** What the rules of a source found on a page; `null` where a rule is absent or matched nothing. */
export interface RuleFindings {
  readonly title: string | null
  readonly body: readonly Element[] | null
  readonly publishedAt: string | null
  readonly origin: string | null
  readonly byline: string | null
  readonly editor: string | null
  readonly warnings: readonly string[]
}

/** What there is where a source has no rules. */
export const noRules: RuleFindings = {
  title: null,
  body: null,
  publishedAt: null,
  origin: null,
  byline: null,
  editor: null,
  warnings: [],
}

function select(
  $: CheerioAPI,
  selector: string,
): { readonly elements: readonly Element[]; readonly problem: string | null } {
  try {
    return {
      elements: $(selector)
        .toArray()
        .filter((node) => node instanceof Element),
      problem: null,
    }
  } catch {
    return { elements: [], problem: `is no CSS selector` }
  }
}

/** A selector may match the whole page. */
const longestValue = 4000

/** Layouts change; rules that are known to hold until a day are not used after it. */
function isOver(rules: ArticleRules, page: PageSource): boolean {
  return (
    rules.validUntil !== undefined &&
    page.fetchedAt !== undefined &&
    page.fetchedAt.toISOString().slice(0, 10) > rules.validUntil
  )
}

/** Removes what the rules drop from the page and reads what they name; says which of them matched nothing. */
export function applyRules($: CheerioAPI, rules: ArticleRules, page: PageSource): RuleFindings {
  if (isOver(rules, page)) {
    return { ...noRules, warnings: [`The rules were valid until ${rules.validUntil} and were not used.`] }
  }
  const warnings: string[] = []
  for (const selector of rules.drop ?? []) {
    const { elements, problem } = select($, selector)
    if (problem !== null) warnings.push(`The rule drop "${selector}" ${problem}.`)
    $([...elements]).remove()
  }
  const find = (name: 'title' | 'body' | 'publishedAt' | 'origin' | 'byline' | 'editor'): readonly Element[] | null => {
    const selector = rules[name]
    if (selector === undefined) return null
    const { elements, problem } = select($, selector)
    if (
      elements.some((element) => oneLine($(element).text().slice(0, longestValue)) !== '' || element.attribs['content'])
    )
      return elements
    warnings.push(`The rule ${name} "${selector}" ${problem ?? 'matched nothing'}; it was read without the rule.`)
    return null
  }
  const text = (name: 'title' | 'publishedAt' | 'origin' | 'byline' | 'editor'): string | null => {
    const element = find(name)?.[0]
    if (!element) return null
    const value = oneLine($(element).text().slice(0, longestValue)) || oneLine(element.attribs['content'] ?? '')
    return value === '' ? null : value
  }
  const found = {
    title: text('title'),
    body: find('body'),
    publishedAt: text('publishedAt'),
    origin: text('origin'),
    byline: text('byline'),
    editor: text('editor'),
  }
  return { ...found, warnings }
}
