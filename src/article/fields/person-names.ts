/** The family names of nineteen in twenty Chinese people, and the two-character ones. */
const surnames =
  '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺陳張劉楊趙黃吳孫羅鄭謝韓馮許鄧傅蘇盧蔣賈葉閻鍾陸'
const compound = /^(?:欧阳|上官|司马|诸葛|夏侯|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|端木|独孤|南宫|歐陽)/

/** Whether it looks like the name of a person, Chinese or in Latin letters. */
export function isPersonName(text: string): boolean {
  if (/^[\u4e00-\u9fff]{2,4}$/.test(text))
    return compound.test(text) ? text.length >= 3 : text.length <= 3 && surnames.includes(text.charAt(0))
  if (/^[\u4e00-\u9fff]{1,8}(?:·[\u4e00-\u9fff]{1,8}){1,3}$/.test(text)) return true
  return /^\p{Lu}[\p{L}.'’-]{0,20}(?:\s(?:(?:de|van|von|der|la|bin|al)\s)?\p{Lu}[\p{L}.'’-]{0,20}){1,3}$/u.test(text)
}

const prefix =
  /^(?:.{0,12}?(?:报|网|社|台|刊|客户端|新闻|周刊|杂志))?\s?(?:首席|见习|实习|特约|全媒体|本报|本网|本刊|本台)*\s?(?:记\s?者|記者|通讯员|通訊員|作者|特约撰稿人?|撰稿)\s?[:：]?\s?/
const suffix = /\s?(?:发自.{1,8}|[\u4e00-\u9fff]{0,6}(?:报道|報道)|整理|摄影?|撰文|[/／]?文|通讯员|实习生)$/

/** What may be a name where a label says that one follows: pen names and rare family names too. */
const mayBeName = (text: string) =>
  isPersonName(text) ||
  (/^[\u4e00-\u9fff]{2,4}$/.test(text) &&
    !/[报网社部局委办台刊院厅处组]$|^(?:本|记者|编辑|我要|赞赏|打赏|投稿|登录|注册|关注|分享|收藏|点赞|更多|首页|返回|专栏|主页|简介|频道|评论|推荐|文章|专题|实录|手记)/.test(
      text,
    ))

/**
 * The people of a credit, joined by 、 (Chinese) or a comma; `null` when it names nobody.
 * `labelled`: a label such as 记者 says that names follow.
 */
export function peopleIn(credit: string, labelled = false): string | null {
  const bare = credit.replace(prefix, '').replace(suffix, '').trim()
  const pieces = bare
    .split(/\s*(?:、|，|,|;|；|\/|／|\||&|\band\b)\s*/)
    .flatMap((piece) => (/^[\u4e00-\u9fff·\s]+$/.test(piece) ? joinSpacedNames(piece) : [piece]))
    .map((piece) => piece.replace(prefix, '').replace(suffix, '').trim())
    .filter((piece) => piece !== '')
  const people = pieces.filter(labelled ? mayBeName : isPersonName)
  if (people.length === 0) return null
  return people.join(/[\u4e00-\u9fff]/.test(people[0] ?? '') ? '、' : ', ')
}

/** Two-character names are often spread to the width of three: 李 明. */
function joinSpacedNames(piece: string): string[] {
  const words = piece.split(/\s+/)
  const joined: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    const next = words[i + 1]
    if (word.length === 1 && next?.length === 1) {
      joined.push(word + next)
      i++
    } else joined.push(word)
  }
  return joined
}
