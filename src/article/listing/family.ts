import { type ChildNode, type Element, isTag, isText, type ParentNode } from 'domhandler'
import { type Candidate, labelWeight } from './candidate.ts'
import { isDateOnly, isHeading, titleOfRow } from './title.ts'

/** One row of a repeated list. */
export interface Row {
  readonly container: ParentNode
  /** Nodes of the row: one element, or several neighbours where a row has no element of its own. */
  readonly nodes: readonly ChildNode[]
  readonly link: Element
  /** Place of the link among all links of the page. */
  readonly order: number
  readonly url: string
  readonly title: string
}

/** Repeated lists of one shape, taken together: the parts of a list that is broken by days, columns or sections. */
export interface Family {
  /** Tag and class names from the page's root down to the rows. */
  readonly signature: string
  readonly containers: ParentNode[]
  readonly rows: Row[]
}

/** Rows lie at most so many elements above their link; real cards need about six. */
const maxClimb = 12

function parentOf(element: Element): Element | null {
  return element.parent !== null && isTag(element.parent) ? element.parent : null
}

function nameOf(element: Element): string {
  const classes = (element.attribs['class'] ?? '').replaceAll(/[\d\s]+/g, ' ').trim()
  return classes === '' ? element.name : `${element.name}.${classes}`
}

/** Tag and class names from the page's root down to an element, numbers aside: `div.left>ul.list`. */
function signatureOf(element: ParentNode, known: Map<ParentNode, string>): string {
  if (!isTag(element)) return ''
  const cached = known.get(element)
  if (cached !== undefined) return cached
  const parent = element.parent
  // A long chain is cut so that deep pages stay linear.
  const above = parent === null ? '' : signatureOf(parent, known).slice(-1000)
  const signature = `${above}>${nameOf(element).slice(0, 200)}`
  known.set(element, signature)
  return signature
}

/** A link as a row sees it: where in the row it is. */
interface Placed extends Candidate {
  /** Tag and class names between row and link. */
  readonly path: string
}

type Children = Map<Element, Placed[]>

/** For each element that holds links in several children: which child holds which links. */
function groupByContainer(candidates: readonly Candidate[]): Map<ParentNode, Children> {
  const containers = new Map<ParentNode, Children>()
  for (const candidate of candidates) {
    let child = candidate.element
    let path = ''
    for (let climbed = 0; climbed < maxClimb; climbed++) {
      const container = child.parent
      if (container === null) break
      const children = containers.get(container) ?? new Map<Element, Placed[]>()
      containers.set(container, children)
      const placed = { ...candidate, path }
      const links = children.get(child)
      if (links) links.push(placed)
      else children.set(child, [placed])
      path = `${nameOf(child)}>${path}`.slice(0, 400)
      if (!isTag(container)) break
      child = container
    }
  }
  return containers
}

/** More titles a row mean that the rows are sections, each with a list of its own. */
const maxTitlesPerRow = 1.5

/** The place in the rows where their titles are; `null` when each row has several there. */
function findTitlePath(rows: readonly (readonly Placed[])[]): string | null {
  const paths = new Map<string, { weight: number; urls: Set<string>; rows: number }>()
  for (const links of rows) {
    const seen = new Set<string>()
    for (const link of links) {
      const path = paths.get(link.path) ?? { weight: 0, urls: new Set<string>(), rows: 0 }
      paths.set(link.path, path)
      // Beyond this length a title does not say more that it is one.
      path.weight += Math.min(link.weight, 20) + 0.01 + (isUnderHeading(link.element) ? 10 : 0)
      path.urls.add(link.url)
      if (!seen.has(link.path)) path.rows++
      seen.add(link.path)
    }
  }
  const [best] = [...paths].toSorted(([, a], [, b]) => b.weight - a.weight)
  return best === undefined || best[1].urls.size > best[1].rows * maxTitlesPerRow ? null : best[0]
}

function isUnderHeading(element: Element): boolean {
  const parent = parentOf(element)
  return (parent !== null && isHeading(parent)) || element.children.some((child) => isTag(child) && isHeading(child))
}

function mainLink(links: readonly Placed[], titlePath: string): Placed | null {
  const there = links.filter((link) => link.path === titlePath)
  const [best] = (there.length > 0 ? there : links).toSorted((a, b) => b.weight - a.weight)
  return best ?? null
}

function isBlank(node: ChildNode): boolean {
  return isText(node) ? node.data.trim() === '' : !isTag(node)
}

/** Whether what stands between rows belongs to the row behind it: a date, a label before the first link. */
function leadsRows(nodes: readonly ChildNode[], starts: ReadonlySet<ChildNode>, linked: Children): boolean {
  const first = nodes.findIndex((node) => starts.has(node))
  const before = nodes
    .slice(0, Math.max(0, first))
    .filter((node) => !isBlank(node))
    .slice(-2)
  const last = before.at(-1)
  if (last === undefined) return false
  if (isText(last)) return isDateOnly(last.data.trim())
  return before.every((node) => !isTag(node) || (!linked.has(node) && !isHeading(node)))
}

/** The nodes of each row: its own and its neighbours up to the next row, on the side where the list puts them. */
function spansOf(container: ParentNode, starts: ReadonlySet<ChildNode>, linked: Children): Map<ChildNode, ChildNode[]> {
  const spans = new Map<ChildNode, ChildNode[]>()
  const leads = leadsRows(container.children, starts, linked)
  let loose: ChildNode[] = []
  let current: ChildNode[] | null = null
  for (const node of container.children) {
    if (starts.has(node)) {
      current = leads ? [...loose, node] : [node]
      loose = []
      spans.set(node, current)
    } else if (isTag(node) && linked.has(node)) {
      loose = []
      current = null
    } else if (isBlank(node)) continue
    else if (leads) loose.push(node)
    else current?.push(node)
  }
  return spans
}

function childrenByTag(children: Children): Map<string, Element[]> {
  const byTag = new Map<string, Element[]>()
  for (const child of children.keys()) {
    const known = byTag.get(child.name)
    if (known) known.push(child)
    else byTag.set(child.name, [child])
  }
  return byTag
}

/** The rows that children of one tag make in a container; none when they are sections. */
function rowsOf(container: ParentNode, linked: Children, children: readonly Element[]): Row[] {
  const titlePath = findTitlePath(children.map((child) => linked.get(child) ?? []))
  if (titlePath === null) return []
  const found = children.flatMap((child) => {
    const link = mainLink(linked.get(child) ?? [], titlePath)
    return link === null ? [] : [{ child, link }]
  })
  const spans = spansOf(container, new Set(found.map(({ child }) => child)), linked)
  return found.flatMap(({ child, link }) => {
    const nodes = spans.get(child) ?? [child]
    const title = link.weight > labelWeight ? link.title : titleOfRow(nodes)
    if (title === null) return []
    return [{ container, nodes, link: link.element, order: link.order, url: link.url, title }]
  })
}

/** All repeated lists of a page by shape. */
export function findFamilies(candidates: readonly Candidate[]): Family[] {
  const signatures = new Map<ParentNode, string>()
  const families = new Map<string, Family>()
  for (const [container, linked] of groupByContainer(candidates)) {
    for (const [tag, children] of childrenByTag(linked)) {
      const rows = rowsOf(container, linked, children)
      if (rows.length === 0) continue
      const signature = `${signatureOf(container, signatures)}>${tag}`
      const family = families.get(signature) ?? { signature, containers: [], rows: [] }
      families.set(signature, family)
      family.containers.push(container)
      family.rows.push(...rows)
    }
  }
  return [...families.values()].filter((family) => family.rows.length > 1)
}
