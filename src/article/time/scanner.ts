/** A place in a text, from which patterns are tried. Patterns carry the sticky flag and run over bounded stretches. */
export class Scanner {
  position: number
  readonly text: string

  constructor(text: string, position: number) {
    this.text = text
    this.position = position
  }

  /** What `pattern` finds right here, without going on. */
  peek(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position
    return pattern.exec(this.text)
  }

  /** What `pattern` finds right here; the place moves behind it. */
  take(pattern: RegExp): RegExpExecArray | null {
    const match = this.peek(pattern)
    if (match) this.position += match[0].length
    return match
  }
}

/** The text with full-width letters, digits and signs as ASCII, one character for one, so that places stay the same. */
export function narrow(text: string): string {
  return text.replaceAll(/[\uff01-\uff5e\u3000\u00a0]/g, (character) =>
    character === '\u3000' || character === '\u00a0' ? ' ' : String.fromCharCode(character.charCodeAt(0) - 0xfee0),
  )
}
