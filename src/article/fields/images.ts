import { Element } from 'domhandler'
import type { ArticleImage } from '../../model/article.ts'
import type { Line } from '../body/read-lines.ts'
import { isTracker, pictureUrl, pixels } from '../body/pictures.ts'
import { oneLine } from '../clean-text.ts'

/** Signs that a site puts into texts: file icons, arrows, buttons, codes to scan. */
const decoration =
  /(?:^|[/_.-])(?:icons?|ico|arrows?|btn|buttons?|bullet|dot|line|bg|emoji|smil(?:ey|ies)|face|qr-?code|erweima|ewm|logo|share|weixin|wechat|filetype|fileicon|file)[\w-]*(?:\/[\w.-]*)?\.(?:gif|png|jpe?g|svg|webp)/i
/** Smaller pictures are signs. */
const leastPixels = 48

function sizeOf(image: Element, name: 'width' | 'height'): number | null {
  const stated = pixels(image.attribs[name]) ?? pixels(image.attribs[name === 'width' ? 'data-w' : 'data-h'])
  if (stated !== null) return stated
  const style = new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*(\\d{1,5})(?:\\.\\d+)?px`, 'i').exec(
    image.attribs['style'] ?? '',
  )
  return style ? Number(style[1]) : null
}

function captionOf(image: Element, line: Line, next: Line | undefined): string | null {
  for (let node = image.parent; node instanceof Element; node = node.parent) {
    if (node.name !== 'figure') continue
    return next?.block instanceof Element && isInside(next.block, node) && next.text !== ''
      ? next.text
      : line.text || null
  }
  if (line.text !== '')
    return line.text.length <= 120 && /^[（(]?图|[摄攝]$|供图|资料图|图[:：]/.test(line.text) ? line.text : null
  const text = next?.text ?? ''
  const isCaption = /^[▲△▼↑（(]?\s?图[\d一二三四五六七八九十片为：:]|[摄攝][）)]?$|供图[）)]?$|资料图/.test(text)
  return isCaption && text.length <= 160 ? text : null
}

function isInside(element: Element, outer: Element): boolean {
  for (let node: Element['parent'] = element; node; node = node.parent) if (node === outer) return true
  return false
}

/** The pictures of the body in their order, each address once; trackers and decoration are none. */
export function readImages(body: readonly Line[], base: string): readonly ArticleImage[] {
  const found = new Map<string, ArticleImage>()
  for (const [i, line] of body.entries()) {
    for (const leaf of line.leaves) {
      if (!(leaf instanceof Element) || isTracker(leaf)) continue
      const url = pictureUrl(leaf, base)
      if (url === null || decoration.test(url) || found.has(url)) continue
      const width = sizeOf(leaf, 'width')
      const height = sizeOf(leaf, 'height')
      if ((width ?? leastPixels) < leastPixels || (height ?? leastPixels) < leastPixels) continue
      const alt = oneLine(leaf.attribs['alt'] ?? '')
      found.set(url, { url, alt: alt === '' ? null : alt, caption: captionOf(leaf, line, body[i + 1]), width, height })
    }
  }
  return [...found.values()]
}
