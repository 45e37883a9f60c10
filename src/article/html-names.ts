// Names of elements by what the HTML Standard lets them do to others.

const set = (names: string): ReadonlySet<string> => new Set(names.split(' '))

export const voidNames = set(
  'area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr',
)

/** What may be in a head; anything else ends it. */
export const headNames = set('base basefont bgsound link meta title noscript noframes style script template head html')

/** Elements by which a page speaks of itself. */
export const aboutNames = set('meta title link base script')

/** Inline elements that browsers close and reopen when they are misnested. */
export const formattingNames = set('a b big code em font i nobr s small strike strong tt u')

/** Parts of a table that end each other. */
export const tableParts = set('caption colgroup tbody tfoot thead tr td th')

/** Where a table expects its own parts. */
export const tableContexts = set('table tbody thead tfoot tr')

/** Elements that an end tag does not reach out of. */
export const scopeBars = set('applet caption html table td th marquee object template')
export const paragraphBars = set('applet caption html table td th marquee object template button')
export const itemBars = set('applet caption html table td th marquee object template ul ol')
export const tableBars = set('table')
export const noBars = set('')

/** Where a row, a cell or a section of a table may stand: what is open above the nearest of them ends. */
export const cellHolders = set('tr tbody thead tfoot table')
export const rowHolders = set('tbody thead tfoot table')

const paragraphClosers = set(
  'address article aside blockquote center details dialog dir div dl dd dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 ' +
    'h6 header hgroup hr li main menu nav ol p pre search section summary table ul xmp',
)
const blocks = set(
  'address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 ' +
    'h2 h3 h4 h5 h6 head header hgroup hr html iframe li main menu nav ol p pre search section select summary table tbody td ' +
    'template textarea tfoot th thead tr ul xmp',
)

/** A block or a bar of scope: an end tag of an inline element without a meaning does not reach out of it. */
export const inlineBars: ReadonlySet<string> = new Set([...blocks, ...scopeBars])
/** What ends the search for an item of a list that a new item would close. */
export const newItemBars: ReadonlySet<string> = new Set(
  [...blocks].filter((name) => !['div', 'p', 'address', 'li', 'dd', 'dt'].includes(name)),
)
export const closesParagraph = (name: string): boolean => paragraphClosers.has(name)
/** Whether an element of this name stands on lines of its own by default. */
export const isBlockName = (name: string): boolean => blocks.has(name)

const headings = set('h1 h2 h3 h4 h5 h6')
export const isHeadingName = (name: string): boolean => headings.has(name)

const breakingOut = set(
  'b blockquote br center code em embed i img nobr s small span strong sub sup table u a article section main',
)
/** Whether an element of that name inside of a drawing means that the drawing was not closed. */
export const breaksOut = (name: string): boolean => breakingOut.has(name) || (blocks.has(name) && name !== 'template')

/** Inline elements and others without a rule of their own. */
const otherNames = set(
  'svg path use g abbr acronym bdi bdo button canvas cite data del dfn iframe ins kbd label map mark noindex o:p option ' +
    'output picture q rp rt ruby samp time tt var video audio',
)

const inSmallLetters = (...sets: readonly ReadonlySet<string>[]): ReadonlyMap<string, string> =>
  new Map(
    sets.flatMap((names) => [...names]).flatMap((name) => [[name, name] as const, [name.toUpperCase(), name] as const]),
  )

const elementNames = inSmallLetters(
  blocks,
  voidNames,
  headNames,
  formattingNames,
  scopeBars,
  tableParts,
  breakingOut,
  otherNames,
)
const attributeNames = inSmallLetters(
  set(
    'align alt aria-hidden aria-label bgcolor border cellpadding cellspacing charset class color colspan content ' +
      'data-original data-src data-url height href hspace http-equiv id itemprop lang name property rel role rowspan size ' +
      'src srcset style tabindex target title type valign value vspace width xmlns',
  ),
)

/**
 * The name of an element in small letters. One string for all elements of a name: it is compared and looked up by
 * identity, and its hash is known.
 */
export const knownName = (name: string): string => elementNames.get(name) ?? name.toLowerCase()
/** The name of an attribute in small letters, likewise. */
export const knownAttribute = (name: string): string => attributeNames.get(name) ?? name.toLowerCase()
