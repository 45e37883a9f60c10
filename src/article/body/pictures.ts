import type { Element } from 'domhandler'
import { absoluteUrl } from '../addresses.ts'

/** Where lazy-loading scripts keep the real address, in the order of trust. */
const lazyAttributes = [
  'data-src',
  'data-original',
  'data-lazy-src',
  'data-original-src',
  'data-url',
  'data-actualsrc',
  'data-echo',
  'data-lazy',
  'data-lazyload',
  'data-hi-res-src',
  'file',
  'zoomfile',
  'original',
  'lazy-src',
  '_src',
  'src2',
]
/** All that is asked of a picture. */
export const pictureAttributes: readonly string[] = [
  ...lazyAttributes,
  'src',
  'srcset',
  'data-srcset',
  'data-lazy-srcset',
  'alt',
  'width',
  'height',
  'data-w',
  'data-h',
]
const placeholder =
  /(?:^|[/_-])(?:blank|spacer|loading|placeholder|transparent|grey|pixel|lazy(?:load)?|default|space|1x1)\.(?:gif|png|svg|jpe?g)/i

/** The widest picture of a `srcset`. */
export function widestOf(srcset: string): string | null {
  let best: string | null = null
  let width = -1
  for (const part of srcset.split(/,\s+|,(?=https?:)/)) {
    const [url, size] = part.trim().split(/\s+/)
    const value = Number.parseFloat(size ?? '1')
    if (url && value > width) {
      best = url
      width = value
    }
  }
  return best
}

/** The absolute address of the picture itself, not of what stands for it until a script has run. */
export function pictureUrl(image: Element, base: string): string | null {
  const { attribs } = image
  for (const name of lazyAttributes) {
    const url = absoluteUrl(attribs[name], base)
    if (url !== null) return url
  }
  const lazySet = attribs['data-srcset'] ?? attribs['data-lazy-srcset']
  const widest = lazySet ?? attribs['srcset']
  const stated = attribs['src'] ?? ''
  // A picture written into the page is a stand-in, and may be as long as the page.
  const source = stated.startsWith('data:') ? '' : stated.slice(0, 4000)
  if (lazySet !== undefined || placeholder.test(source) || source === '') {
    const url = widest === undefined ? null : absoluteUrl(widestOf(widest), base)
    if (url !== null) return url
  }
  return placeholder.test(source) ? null : absoluteUrl(source, base)
}

export const pixels = (value: string | undefined): number | null => {
  const match = /^\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*$/.exec(value ?? '')
  return match ? Number(match[1]) : null
}

/** Pictures of a few pixels count visitors or keep space. */
export function isTracker(image: Element): boolean {
  const width = pixels(image.attribs['width'])
  const height = pixels(image.attribs['height'])
  return (width !== null && width <= 3) || (height !== null && height <= 3)
}
