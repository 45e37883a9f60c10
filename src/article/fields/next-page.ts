import { Element } from 'domhandler'
import { absoluteUrl } from '../addresses.ts'
import type { Line } from '../body/read-lines.ts'

const nextText = /^[\s[【(（]*(?:下一?[页頁]|后一页|next(?:\s?page)?|继续阅读)[\s>›»→\]】)）]*$/i

/** The part of an address that the pages of one text share: …/a123_2.html and …/a123.html have one stem. */
const stemOf = (url: string) => {
  const { origin, pathname } = new URL(url)
  return origin + pathname.replace(/\.\w{2,5}$/, '').replace(/[-_/](?:p|page)?\d{1,2}$/i, '')
}

/** The address of the next page of the same text: a link 下一页 whose address differs in a page number only. */
export function readNextPage(lines: readonly Line[], base: string, pageUrl: string): string | null {
  if (!URL.canParse(pageUrl)) return null
  for (const line of lines) {
    if (line.links === 0 || !/下|后一页|next|继续/i.test(line.text)) continue
    for (const leaf of line.leaves) {
      if (leaf instanceof Element || !nextText.test(leaf.data)) continue
      let link = leaf.parent
      while (link instanceof Element && link.name !== 'a' && link !== line.block) link = link.parent
      const url = link instanceof Element && link.name === 'a' ? absoluteUrl(link.attribs['href'], base) : null
      if (url !== null && url !== pageUrl && stemOf(url) === stemOf(pageUrl)) return url
    }
  }
  return null
}
