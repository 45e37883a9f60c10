/** The UTF-16 codes of characters, for tests on each character of a text: no string is made for any of them. */
export function codesOf(characters: string): ReadonlySet<number> {
  return new Set(Array.from(characters, (character) => character.charCodeAt(0)))
}
