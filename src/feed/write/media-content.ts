import { cdata, escapeXml } from '../xml-text.ts'
import type { WrittenItem } from './written-item.ts'

function size(name: string, pixels: number | null): string {
  return pixels !== null && Number.isSafeInteger(pixels) && pixels > 0 ? ` ${name}="${pixels}"` : ''
}

/** An item's pictures as Media RSS, which both RSS and Atom carry. */
export function mediaContents(item: WrittenItem): string {
  let xml = ''
  for (const image of item.images) {
    const sizes = size('width', image.width) + size('height', image.height)
    const label = image.caption ?? image.alt
    const title = label === null ? '' : `<media:title type="plain">${cdata(label)}</media:title>`
    xml += `<media:content url="${escapeXml(image.url)}" medium="image"${sizes}${title === '' ? '/>' : `>${title}</media:content>`}`
  }
  return xml
}
