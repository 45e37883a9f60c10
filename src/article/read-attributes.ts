import { pictureAttributes } from './body/pictures.ts'

const ofElements = 'class id style hidden role lang xml:lang title size colspan rowspan href download'
const ofTheHead = 'name property itemprop content http-equiv type rel'

/**
 * The attributes that reading an article asks for. Half of those of a page are for programs and measurements; a page
 * that is read without selectors of a source's rules is kept without them. `test/article/fixtures.test.ts` holds both
 * ways of reading against each other.
 */
export const readAttributes: ReadonlySet<string> = new Set([
  ...ofElements.split(' '),
  ...ofTheHead.split(' '),
  ...pictureAttributes,
])
