import sanitizeHtml from 'sanitize-html'
import { dropForbidden } from './clean-text.ts'

const options: sanitizeHtml.IOptions = {
  allowedTags:
    'p h1 h2 h3 h4 h5 h6 ul ol li blockquote figure figcaption img a table caption thead tbody tfoot tr td th strong em b i u sub sup br pre code'.split(
      ' ',
    ),
  allowedAttributes: {
    a: ['href', 'title'],
    img: ['src', 'alt', 'title', 'width', 'height'],
    td: ['colspan', 'rowspan'],
    th: ['colspan', 'rowspan', 'scope'],
    ol: ['start'],
  },
  allowedSchemes: ['http', 'https'],
  allowedSchemesAppliedToAttributes: ['href', 'src'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  // An image without an address or a link to nowhere tells the reader nothing.
  exclusiveFilter: (frame) => frame.tag === 'img' && !frame.attribs['src'],
}

/** The HTML with nothing in it but the elements and attributes of an article's text; links are http(s) only. */
export function sanitizeBody(html: string): string {
  return sanitizeHtml(dropForbidden(html), options)
}
