import { escapeXml, xmlText } from '../xml-text.ts'
import { cleanContent, isClean } from './clean-content.ts'

/** How the list of those who ran a story too is announced. */
function copiesLabel(language: string | null): string {
  if (language === null || !/^zh\b/i.test(language)) return 'Also published by:'
  return /^zh-(?:hant|tw|hk|mo)\b/i.test(language) ? '同時刊發：' : '同时刊发：'
}

/**
 * An item's HTML as every reader and validator takes it: hygienic, links absolute URIs, nothing that runs or styles,
 * those who ran the story too as a list at its end.
 */
export function itemContent(
  html: string,
  item: {
    readonly base: string | null
    readonly copies: readonly { readonly name: string; readonly url: string }[]
    readonly language: string | null
    readonly isKnownClean: boolean
  },
): string {
  const content = item.isKnownClean || isClean(html) ? html : cleanContent(xmlText(html), item.base)
  if (item.copies.length === 0) return content
  const links = item.copies.map(({ name, url }) => `<li><a href="${escapeXml(url)}">${escapeXml(name)}</a></li>`)
  return `${content}<p>${copiesLabel(item.language)}</p><ul>${links.join('')}</ul>`
}
