const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Markup that is safe to send. */
export interface Html {
  readonly markup: string
}

/** Takes over markup that was made safe elsewhere: the sanitised body of an article. */
export function trusted(markup: string): Html {
  return { markup }
}

type Part = string | number | Html | readonly Part[] | null

function render(part: Part): string {
  if (part === null) return ''
  if (typeof part === 'string') return part.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
  if (typeof part === 'number') return String(part)
  return 'markup' in part ? part.markup : part.map(render).join('')
}

/** A template whose values are escaped unless they are `Html` themselves; `null` is nothing, lists are joined. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return { markup: strings.map((text, index) => text + render(values[index] ?? null)).join('') }
}
