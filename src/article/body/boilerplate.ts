const legal =
  /版权所有|(?:未经|如无).{0,16}(?:授权|许可|同意|允许).{0,16}(?:转载|复制|摘编|镜像|摘录)|[京沪津渝粤浙苏鲁豫川鄂湘皖赣闽桂琼云贵晋冀辽吉黑陕甘青宁新藏蒙]ICP[备证]|ICP备案?|公网安备|增值电信业务|网络文化经营许可|互联网新闻信息服务许可|违法和?不良信息举报|all rights reserved|copyright\s*(?:©|\(c\)|\d{4})|©\s*\d{4}/i

const strictLegal = /^.{0,12}(?:版权所有|版权声明|免责声明|copyright)|ICP[备证]|公网安备|all rights reserved/i

/** One of these is in every such line; the longer patterns are only tried on the few lines that have one. */
const maybeLegal = /版权|ICP|网安|许可|举报|授权|允许|同意|rights|copyright|©/i

/** Copyright, licence and registration lines, as they stand at the foot of a site. */
export function isLegalLine(text: string): boolean {
  if (text.length >= 400 || !maybeLegal.test(text)) return false
  return text.length <= 160 && !/[，。].{0,200}[。]$/.test(text)
    ? legal.test(text)
    : text.length < 400 && strictLegal.test(text)
}

const opening = /^[\s[\](（【［<《「—_\-·•■◆●※>*|#+]*/
const closing = /[\s[\])）】］>》」—_\-·•■◆●※*|#:：;；,，.。…]*$/

/** Headings are often spread by spaces: 郑 重 声 明. */
const bareOf = (text: string) =>
  text
    .replace(opening, '')
    .replace(closing, '')
    .replace(/(?<=[\u4e00-\u9fff])\s(?=[\u4e00-\u9fff])/g, '')

/** Headings of what stands below or beside an article. */
const otherContent =
  /^(?:(?:与本文|本文|更多|查看)?相关(?:阅读|新闻|文章|链接|报道|推荐|资讯|专题|内容|信息|稿件|主题|话题|视频)|延伸阅读|扩展阅读|(?:推荐|热门|精彩|最新|猜你喜欢|为[你您]|编辑|小编|今日|本周|24小时|48小时|一周|站内|图片|视频|精选)(?:推荐|阅读|文章|新闻|资讯|排行榜?|热点|图片|视频|内容|评论|导读|专题|关注)+|猜你喜欢|[你您](?:可能|也许|还)?(?:会|也)?(?:感兴趣|喜欢)的?(?:文章|内容|新闻|话题)?|大家都在[看搜]|热[点门](?:新闻|文章|推荐|排行|阅读|专题|图片|视频)?|(?:点击|阅读|新闻|月|周|日|总)排行榜?|排行榜?|作者(?:的)?(?:其他|其它|更多|最新)文章|TA的(?:其他|更多|最新)文章|(?:网友|最新|全部|热门|精彩|用户|发表|我要|文章|查看)?(?:评论|跟帖|留言|回复|点评)(?:列表|区|\s*[(（]?\s*\d+\s*[条人]?\s*[)）]?)?|(?:评论|跟帖)\s*\d+.{0,40}|文明上网.{0,40}|发表(?:评论|看法|回复)|登录.{0,10}(?:评论|讨论|发言)|上一篇.{0,60}|下一篇.{0,60}|上一条.{0,60}|下一条.{0,60}|(?:郑重|免责|特别|版权|反侵权)(?:声明|公告)|(?:作者|诗人|译者|主讲人|专家)(?:简介|介绍)(?:\s?more)?|最热文章|独家策划|视觉焦点|今日(?:要闻|头条|热点)|新闻表情排行.{0,8}|您此时的心情|心情排行|.{0,6}看完这篇.{0,20}(?:心情|感觉).{0,6}|分享到?|友情链接|(?:related|recommended|popular|trending|latest|recent|more)\s+(?:articles?|stories|news|posts?|links|reading|content|topics|coverage|videos?)|related|you (?:may|might) (?:also )?(?:like|be interested in)|more (?:from|on|in|stories|about)\b.{0,60}|read (?:more|next|also)|see also|most (?:read|popular|viewed|shared|commented)|(?:\d+\s+)?(?:comments?|responses?|replies)(?:\s*\(\d+\))?|leave a (?:reply|comment).{0,20}|post a comment|join the (?:conversation|discussion)|about the author|sign up for .{0,60}|(?:subscribe to|get) (?:our|the) .{0,40}newsletter.{0,40}|share (?:this|on|via)\b.{0,30}|around the web|from around the web|sponsored(?: content| stories)?|promoted(?: stories)?|editor'?s'? picks?|what to read next|don'?t miss|trending(?: now)?|tags?|filed under.{0,40}|topics)$/i

/** Whether the line heads something that is not the article: related stories, comments, rankings. */
export function opensOtherContent(text: string): boolean {
  return text.length <= 80 && otherContent.test(bareOf(text))
}

/** Labels of lines that are about the article and not of it. */
const credit =
  /^(?:责任编辑|责编|本文编辑|编\s*辑[:：]|编\s*审|(?:网络|网站|视频|图片|文字|新媒体|值班|实习|高级)编辑|校\s?对|审\s?核|审稿|监\s?制|初审|复审|终审|一审|二审|三审|主编|总编|本文来源|文章来源|信息来源|消息来源|新闻来源|稿件来源|来\s*源|稿源|供稿(?:单位)?|原标题|原文链接|原文地址|原文出处|本文(?:链接|地址)|文章纠错|纠错|作\s*者[:：]|撰稿|发布(?:时间|日期|人|机构|单位|于)|更新(?:时间|日期|于)|发表(?:时间|日期|于)|时\s*间[:：]|日\s*期[:：]|浏览(?:次数|量)?|阅读(?:次数|量|数)?\s*[:：(（\d]|点击(?:数|次数|量)?\s*[:：(（\d]|点击率|访问(?:次数|量)|人气[:：]|信息(?:分类|索引)|打印(?:本页|本文)?|关闭(?:窗口|本页)?|返回(?:顶部|首页|列表|搜狐|上一页|目录)|我要纠错|分享到|分享至|分享[:：]|字\s*[号体]|关\s*键\s*[词字]|标\s*签|(?:文章|分类)(?:标签|专栏)|分类[:：]|栏目[:：]|专栏[:：]|tags?:|上一篇|下一篇|上一条|下一条|前一篇|后一篇|上一页|下一页|扫一扫|扫描?.{0,6}二维码|长按.{0,8}二维码|点击进入专题|点击(?:查看|展开)|(?:阅读|展开|查看)(?:剩余)?(?:原文|全文|更多|下一篇)|免责声明|特别声明|特别提[示醒]|版权(?:声明|归)|郑重声明|平台声明|声明[:：]|更多.{0,60}(?:请?关注|请?点击|请?访问)|凡本[网站]|本(?:文|网站?|站|内容)(?:注明|转载|来自|仅代表|系转载|不代表|由.{0,20}(?:整理|编辑|转载))|(?:该|此)(?:文|信息|内容).{0,10}(?:仅代表|不代表|转载)|(?:如需)?转载请|欢迎(?:关注|订阅|扫码)|关注(?:我们|.{0,12}公众号)|(?:微信)?公众号[:：]|加入?收藏|举报|分享$|收藏$|点赞|\d*赞$|首赞|\+\d+$|顶一下|踩一下|editors?:|source:|share this|print this|email this|view (?:comments|gallery)|follow (?:us|@)|posted (?:in|by|on)|本[贴帖]由|tagged|advertisement$|continue reading|read more|click here|已有\d+[条人]|\d+[条人](?:评论|跟帖|参与)|我要评论|网友评论|正文$|来自[:：])/i

const disclaimer =
  /^(?:(?:特别|免责|版权|郑重|平台|法律)?声\s?明[:：]|(?:特别|风险)提[示醒][:：]|凡本[网站]|本[网站].{0,20}(?:转载|注明)|notice: the content|disclaimer:)/i

/** A line that is about the article (its editor, its source, buttons) and not of it. */
export function isCreditLine(text: string): boolean {
  if (text.length > 160) return text.length < 600 && disclaimer.test(text.replace(opening, ''))
  const bare = text.replace(opening, '')
  return bare === '' || credit.test(bare)
}

const dated = /(?:19|20)\d{2}\s*[年\-/.]\s*\d{1,2}\s*[月\-/.]\s*\d{1,2}/
const datedInWords =
  /(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]{0,6}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s(?:19|20)\d{2}|\d{1,2}\s(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]{0,6}\.?,?\s(?:19|20)\d{2}/i
const timed = /\d{1,2}[:：]\d{2}/
const metaWords =
  /来\s*源|作\s*者|编\s*辑|记\s*者|发布|发表|更新|时\s*间|日\s*期|浏览|阅读|点击|字\s*[号体]|字体|打印|关闭|分享|收藏|评论|我要|繁体|简体|大\s*中\s*小|人气|审核|published|updated|posted|by\s/gi

/** A line of date, source and buttons, as it stands under a headline. */
export function isMetaLine(text: string): boolean {
  if (text.length > 200 || /[。！？]/.test(text)) return false
  const words = text.match(metaWords)?.length ?? 0
  if (text.length <= 80 && datedInWords.test(text)) return text.length <= 40 || words > 0 || timed.test(text)
  const isDated = dated.test(text)
  if (isDated && text.length <= 24) return true
  if (isDated && (timed.test(text) || words > 0)) return text.length <= 120 || words >= 2
  return words >= 2 && text.length <= 60 + words * 20 && /[:：]/.test(text)
}

const advert =
  /^(?:advert(?:isement|isements|s)?|sponsored(?: content)?|ad|(?:story continues|article continues|continue reading|scroll) (?:below|after|down).{0,40}|this slideshow requires javascript\.?|(?:loading|please wait)(?:\.\.\.|…)?|back to gallery|click to (?:enlarge|expand|view).{0,20}|image \d+ of \d+|\d+ of \d+|广告|【?广告】?|点击(?:查看)?(?:大图|原图|展开|加载更多)|展开(?:全文|更多|剩余.{0,10})|查看原图.{0,10}|加载(?:中|更多).{0,3}|播放视频|play video|(?:您的)?浏览器(?:暂)?不支持.{0,30}|请(?:升级|更新).{0,6}浏览器.{0,20})$/i

/** Adverts' labels and messages of players, wherever in a text they stand. */
export function isAdvertLine(text: string): boolean {
  return text.length <= 80 && advert.test(bareOf(text))
}

const elsewhere =
  /^(?:related|read (?:more|also|next|on)|also (?:read|on|see)|see (?:also|more|related)|more(?: on| from| in| stories)?\b|watch|listen|don'?t miss|in pictures|in case you missed|recommended|trending|click here|get .{2,40} (?:app|newsletter|on the go)|sign up|subscribe|download|相关|延伸阅读|推荐阅读|更多|点击(?:查看|阅读|进入|这里)|阅读更多|查看更多|热门|往期|上一|下一|此前报道|相关链接|新闻链接|进入专题|扫码)/i

/** Whether a line of links leads to something else: "Related: …", 延伸阅读：…. */
export function pointsElsewhere(text: string): boolean {
  return text.length <= 200 && elsewhere.test(bareOf(text))
}

const reporters =
  /^(?:[\u4e00-\u9fff·]{0,14}(?:报|网|社|台|刊|频道|客户端|新闻)?\s?(?:首席|见习|实习|特约|全媒体)?(?:记\s?者|記者|通讯员|特约撰稿人?)[\s:：/／]*[\u4e00-\u9fff·]{2,}(?:[\s、,，/／][\u4e00-\u9fff·]{2,}){0,9}|[\u4e00-\u9fff]{2,4}(?:[\s、][\u4e00-\u9fff]{2,4}){0,3}\s?[/／]\s?文|(?:文|作者|撰文|文字)\s?[:：/／|]\s?\S.{0,30}|by\s+[A-Z][\w.'-]+(?:\s[A-Z][\w.'-]+){1,4}.{0,60})$/i

/** A line of its own that says who reports: 本报记者张三发自北京. */
export function isReporterLine(text: string): boolean {
  return text.length <= 70 && !/[。！？；]/.test(text) && reporters.test(text)
}

const indexLabel =
  /^(?:索\s*引\s*号|主题分类|主题词|主\s*题\s*词|发文机关|发布机构|发布单位|成文日期|发文日期|发布日期|生成日期|发文字号|文\s*号|公文种类|公开(?:目录|方式|时限|形式|范围|类别)|有\s*效\s*性|效力状态|信息名称|信息类别|体裁分类|组配分类|服务对象|内容概述|名\s*称|标\s*题|来\s*源)\s*[:：]?/

/** A label of the table of particulars that public offices set above a document: 索引号, 发文机关, 成文日期. */
export function isIndexLabel(text: string): boolean {
  return text.length <= 60 && indexLabel.test(text)
}
