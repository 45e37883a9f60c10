import { Element, Text } from 'domhandler'
import type { Attachment } from '../../model/article.ts'
import { absoluteUrl } from '../addresses.ts'
import type { Line } from '../body/read-lines.ts'
import { oneLine } from '../clean-text.ts'

/** Media types by extension; those without a registered type are offered by Chinese offices all the same. */
const mediaTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  wps: 'application/vnd.ms-works',
  et: 'application/vnd.ms-excel',
  ofd: 'application/ofd',
  rtf: 'application/rtf',
  txt: 'text/plain',
  csv: 'text/csv',
  zip: 'application/zip',
  rar: 'application/vnd.rar',
  '7z': 'application/x-7z-compressed',
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  epub: 'application/epub+zip',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
}

const maybeFile = /\.[a-z\d]{2,5}(?:#|$)|\?/i
const extension = /\.([a-z\d]{2,5})$/i
const generic =
  /^(?:[[（(【]?(?:点击|立即|本地|文件|附件|查看|打开|请)*(?:下载|查看|浏览|附件|download|here|点击这里|view|pdf|word|打开)(?:附件|文件|详情)?[\]）)】]?|附件\s?\d*\s?[:：.]?)$/i

function extensionOf(url: string): string | null {
  // Most links lead to pages whose addresses have no extension and ask for nothing.
  if (!maybeFile.test(url)) return null
  const { pathname, searchParams } = new URL(url)
  for (const part of [pathname, ...searchParams.values()]) {
    const found = extension.exec(part)?.[1]?.toLowerCase()
    if (found !== undefined && Object.hasOwn(mediaTypes, found)) return found
  }
  return null
}

function namedExtension(name: string): string | null {
  const found = extension.exec(name)?.[1]?.toLowerCase()
  return found !== undefined && Object.hasOwn(mediaTypes, found) ? found : null
}

function fileName(url: string): string {
  const { pathname, searchParams } = new URL(url)
  const named = [...searchParams.values()].find((value) => extension.test(value))
  const last = named ?? pathname.split('/').at(-1) ?? ''
  try {
    return oneLine(decodeURIComponent(last))
  } catch {
    return last
  }
}

function textOf(element: Element): string {
  let text = ''
  for (const child of element.children) {
    if (child instanceof Element) text += textOf(child)
    else if (child instanceof Text) text += child.data
  }
  return text
}

function nameOf(link: Element, line: Line, url: string): string {
  const text = oneLine(textOf(link).slice(0, 400)).slice(0, 200)
  if (text !== '' && !generic.test(text)) return text
  const title = oneLine(link.attribs['title'] ?? link.attribs['download'] ?? '')
  if (title !== '' && !generic.test(title)) return title
  // 附件1：…实施方案（下载）: the link says nothing, the line before it does.
  const around = oneLine(line.text.replace(text, '')).replace(/[\s:：（(【[]+$/, '')
  if (around.length >= 4 && around.length <= 120 && line.links === 1) return around
  return fileName(url)
}

/** The files that the lines offer, each address once. */
export function readAttachments(lines: readonly Line[], base: string): readonly Attachment[] {
  const found = new Map<string, Attachment>()
  for (const line of lines) {
    if (line.links === 0) continue
    for (const leaf of line.leaves) {
      const link = linkAround(leaf, line)
      const url = link ? absoluteUrl(link.attribs['href'], base) : null
      if (!link || url === null || found.has(url)) continue
      const name = nameOf(link, line, url)
      const kind = extensionOf(url) ?? namedExtension(name)
      // Offices serve files from addresses that say nothing; the words of the link do.
      const isOffered = kind !== null || (line.text.startsWith('附件') && /download|attach|file/i.test(url))
      if (isOffered) found.set(url, { url, name, mediaType: kind === null ? null : (mediaTypes[kind] ?? null) })
    }
  }
  return [...found.values()]
}

function linkAround(leaf: Line['leaves'][number], line: Line): Element | null {
  for (let node = leaf.parent; node instanceof Element; node = node.parent) {
    if (node.name === 'a') return node
    if (node === line.block && node.name !== 'li')
      return node.parent instanceof Element && node.parent.name === 'a' ? node.parent : null
  }
  return null
}
