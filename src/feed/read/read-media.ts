import type { ArticleImage, Attachment } from '../../model/article.ts'
import { absolute, all, baseOf, line } from './field.ts'
import type { XmlElement } from './xml-tree.ts'

interface Media {
  readonly images: ArticleImage[]
  readonly attachments: Attachment[]
}

function positive(text: string | undefined): number | null {
  const number = Number(text ?? '')
  return Number.isSafeInteger(number) && number > 0 ? number : null
}

/** The last part of an address as people would read it. */
function fileName(url: string): string {
  const last = new URL(url).pathname.split('/').findLast((part) => part !== '') ?? url
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

function add(
  media: Media,
  element: XmlElement,
  documentUrl: string,
  named: { isImage: boolean; address: string | undefined },
): void {
  const url = absolute(named.address, baseOf(element, documentUrl))
  if (!url) return
  const { attributes } = element
  const type = attributes['type']?.trim().toLowerCase() || null
  const title = line(all(element, 'media:title')[0] ?? null) ?? attributes['title'] ?? null
  const isImage = named.isImage || attributes['medium'] === 'image' || (type ?? '').startsWith('image/')
  if (isImage) {
    const width = positive(attributes['width'])
    media.images.push({ url, alt: title, caption: null, width, height: positive(attributes['height']) })
    return
  }
  const bytes = positive(attributes['length'] ?? attributes['filesize'])
  media.attachments.push({ url, name: title ?? fileName(url), mediaType: type, ...(bytes === null ? {} : { bytes }) })
}

/** Pictures and files of an item: enclosures (RSS, Atom), Media RSS with its groups, iTunes' image. */
export function readMedia(item: XmlElement, documentUrl: string): Media {
  const media: Media = { images: [], attachments: [] }
  const visit = (parent: XmlElement): void => {
    for (const child of parent.children) {
      const { name, attributes } = child
      if (name === 'enclosure' || name === 'media:content') {
        add(media, child, documentUrl, { isImage: false, address: attributes['url'] })
      } else if (name === 'media:thumbnail') {
        add(media, child, documentUrl, { isImage: true, address: attributes['url'] })
      } else if (name === 'itunes:image') {
        add(media, child, documentUrl, { isImage: true, address: attributes['href'] ?? attributes['url'] })
      } else if (name === 'atom:link' && attributes['rel'] === 'enclosure') {
        add(media, child, documentUrl, { isImage: false, address: attributes['href'] ?? child.text })
      }
      if (name === 'media:group' || name === 'media:content') visit(child)
    }
  }
  visit(item)
  return media
}
