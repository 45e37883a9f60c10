/** Beginnings of the months' names, long enough to tell them apart; English, and the languages whose feeds write their own. */
const names: readonly (readonly string[])[] = [
  // English, German, Dutch, Scandinavian, Spanish, Portuguese, Italian, French, Polish, Turkish, Russian, Greek
  ['jan', 'jän', 'ene', 'gen', 'sty', 'oca', 'янв', 'ιαν'],
  ['feb', 'fév', 'fev', 'lut', 'şub', 'фев', 'φεβ'],
  ['mar', 'mär', 'mrz', 'maa', 'mrt', 'мар', 'μαρ', 'μάρ'],
  ['apr', 'abr', 'avr', 'kwi', 'nis', 'апр', 'απρ'],
  ['may', 'mai', 'maj', 'mei', 'mag', 'мая', 'май', 'μαι', 'μαϊ', 'μάι'],
  ['jun', 'giu', 'juin', 'cze', 'haz', 'июн', 'ιουν'],
  ['jul', 'lug', 'juil', 'lip', 'tem', 'июл', 'ιουλ'],
  ['aug', 'ago', 'aoû', 'aou', 'sie', 'ağu', 'авг', 'αυγ', 'αύγ'],
  ['sep', 'set', 'wrz', 'eyl', 'сен', 'σεπ'],
  ['oct', 'okt', 'out', 'ott', 'paź', 'eki', 'окт', 'οκτ'],
  ['nov', 'lis', 'kas', 'ноя', 'νοε', 'νοέ'],
  ['dec', 'dez', 'dic', 'déc', 'des', 'gru', 'ara', 'дек', 'δεκ'],
]

const byBeginning = new Map(names.flatMap((beginnings, index) => beginnings.map((name) => [name, index + 1] as const)))

/** Weekdays that begin as a month does: `Martes`, `mardi`, `Mar.` of French are told apart by their place, not here. */
const weekdays = /^(?:mardi|martes|marted|maandag|donnerstag|декада)/

/** 1 to 12 for a month's name or its abbreviation in a language that feeds use; `null` for any other word. */
export function monthByName(word: string): number | null {
  const name = word.toLowerCase().replace(/\.$/, '')
  if (name.length < 3 || weekdays.test(name)) return null
  return byBeginning.get(name.slice(0, 4)) ?? byBeginning.get(name.slice(0, 3)) ?? null
}
