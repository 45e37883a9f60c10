import { xmlText } from '../xml-text.ts'

export function contentWithCopies(html: string, _copies: unknown, _base: string | null): string {
  return xmlText(html)
}
