import { Element } from 'domhandler'
import type { Line } from '../body/read-lines.ts'
import { oneLine } from '../clean-text.ts'

/** What a labelled piece of a line says: 来源：, 作者：, 责任编辑：. */
export type CreditKind = 'origin' | 'byline' | 'editor' | 'other'

export interface Credit {
  readonly kind: CreditKind
  readonly value: string
  readonly label: string
}

const labels: readonly (readonly [CreditKind, string])[] = [
  [
    'editor',
    '(?:本文|本期|网络|网页|网站|值班|实习|高级|执行|新媒体|文字|视频|图片|微信)?(?:责任编辑|责编|責任編輯|编\\s?辑|編輯|编\\s?审|主编|值班主任)',
  ],
  [
    'origin',
    '(?:本文|文章|信息|消息|新闻|稿件|内容|资料|图文|原文)?(?:来\\s{0,4}源|來\\s{0,4}源|稿\\s?源|出\\s?处)(?:于|自)?|原创|供稿(?:单位)?|信息提供|发布机构|发布单位|发文机关',
  ],
  [
    'byline',
    '(?:本文|文章|原文|文字)?(?:作\\s{0,4}者|撰\\s?稿(?:人)?|撰\\s?文|执笔(?:人)?|文字|供稿人|投稿人|发布人|发布者|楼主|博主)|(?:本[报网台刊]|[\\u4e00-\\u9fff]{2,12}[报网社台])?(?:首席|见习|实习|特约|全媒体)?(?:记\\s{0,2}者|記者)|(?:特约)?(?:通讯员|通訊員|撰稿)|文(?=\\s?[:：])|By(?=\\s?:)|Author(?=\\s?:)',
  ],
  [
    'other',
    '(?:发布|发表|更新|发稿|创建|录入|上传)?(?:时\\s{0,4}间|日\\s{0,4}期)|浏\\s?览(?:次数|量|数)?|阅\\s?读(?:次数|量|数)?|点\\s?击(?:次数|量|数|率)?|访问(?:次数|量)?|人气|评论|字\\s?[号体]|字体大小|分享到?|打印|关闭|收藏|摄\\s?影|摄像|校\\s?对|审\\s?核|审稿|审签|监制|初审|复审|终审|关键[词字]|标\\s?签|分类|栏目|责任校对|制图|图片?(?=\\s?[:：])|视频|剪辑|设计|美编|策划|统筹|供图|次数',
  ],
]

const anyLabel = new RegExp(labels.map(([, source]) => `(${source})`).join('|'), 'gi')
const separator = /^\s{0,2}[:：]\s{0,2}|^\s{0,2}[】\]）)]\s{0,2}[:：]?\s{0,2}/

/** Cuts a value where the next thing of the line begins. */
const valueEnd =
  /\s[|｜丨]|[|｜丨]|(?:19|20)\d{2}\s?[-年/.]\s?\d{1,2}\s?[-月/.]|\d{1,2}:\d{2}|[【[（(]\s?(?:大|小|字|打印|关闭|责任|编辑|责编|作者)|举报|我要|分享|打印|字号|字体|大\s中\s小|订阅|\+?关注|点击|阅读|浏览|评论|发表于|发布于|发布$/

/** The value of a label: brackets, quotes and what follows it are gone. */
function cleanValue(raw: string): string {
  const cut = valueEnd.exec(raw)
  return oneLine(cut ? raw.slice(0, cut.index) : raw)
    .replace(/^[\s[【（(〔「:：·•\-—_/]+/, '')
    .replace(/[\s\]】）)〕」;；,，。:：\-—_/·•|>]+$/, (end) =>
      /[)）]/.test(end) && /[(（]/.test(raw) ? (end.match(/^[)）]/)?.[0] ?? '') : '',
    )
    .trim()
}

/** The labelled pieces of one line in their order. */
export function readCredits(text: string): readonly Credit[] {
  const source = text.slice(0, 400)
  const marks: { kind: CreditKind; label: string; from: number; to: number; hasColon: boolean }[] = []
  for (const match of source.matchAll(anyLabel)) {
    const group = match.slice(1).findIndex((value) => value !== undefined)
    const kind = labels[group]?.[0] ?? 'other'
    const after = source.slice(match.index + match[0].length)
    const colon = separator.exec(after)
    marks.push({
      kind,
      label: match[0],
      from: match.index,
      to: match.index + match[0].length + (colon?.[0].length ?? 0),
      hasColon: colon !== null,
    })
  }
  return marks.flatMap(({ kind, label, to, hasColon }, i) => {
    // Without a colon only "记者 张三" is a credit; 来源 and 作者 are words like others then.
    if (!hasColon && !/记\s*者|記者|通讯员$/.test(label)) return []
    const next = marks.slice(i + 1).find((mark) => mark.hasColon || mark.kind === 'byline')
    const value = cleanValue(source.slice(to, next?.from))
    return value === '' ? [] : [{ kind, label, value }]
  })
}

const classKinds: readonly (readonly [CreditKind, RegExp])[] = [
  ['editor', /(?:^|[-_\s])(?:editor|bianji|zebian|zrbj)(?:$|[-_\s])/],
  [
    'origin',
    /(?:^|[-_\s])(?:source|sources|origin|laiyuan|ly|from|media|media-?name|copyfrom|rich_media_meta_nickname|profile_nickname|sitename)(?:$|[-_\s])/,
  ],
  ['byline', /(?:^|[-_\s])(?:author|authors|byline|writer|zuozhe|user-?name|nickname|up-?name)(?:$|[-_\s])/],
]

/** What the names of the elements around a piece of text say that it is. */
function kindByNames(line: Line, leaf: Line['leaves'][number]): CreditKind | null {
  let node = leaf.parent
  for (let steps = 0; node instanceof Element && steps < 3; steps++, node = node.parent) {
    const { class: className, id, itemprop, rel } = node.attribs
    if (className !== undefined || id !== undefined || itemprop !== undefined || rel !== undefined) {
      const names = `${className ?? ''} ${id ?? ''} ${itemprop ?? ''} ${rel ?? ''}`
        .slice(0, 300)
        .replace(/([a-z\d])([A-Z])/g, '$1-$2')
        .toLowerCase()
      for (const [kind, pattern] of classKinds) if (pattern.test(names)) return kind
    }
    if (node === line.block) return null
  }
  return null
}

/** Pieces of a line that carry no label but stand in elements with telling names. */
export function readNamedPieces(line: Line): readonly Credit[] {
  return line.leaves.flatMap((leaf) => {
    if (leaf instanceof Element) return []
    const kind = kindByNames(line, leaf)
    const value = kind === null ? '' : cleanValue(leaf.data.slice(0, 200))
    return kind === null || value === '' ? [] : [{ kind, label: 'class', value }]
  })
}
