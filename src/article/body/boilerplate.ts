const legal =
  /版权所有|未经.{0,12}(?:授权|许可|同意|允许).{0,12}(?:转载|不得|禁止|复制|使用)|(?:[京沪津渝粤浙苏鲁豫川鄂湘皖赣闽桂琼云贵晋冀辽吉黑陕甘青宁新藏蒙])ICP[备证]|ICP备案?|公网安备|增值电信业务|网络文化经营许可|互联网新闻信息服务许可|违法和?不良信息举报|all rights reserved|copyright\s*(?:©|\(c\)|\d{4})|©\s*\d{4}/i

/** Copyright, licence and registration lines, as they stand at the foot of a site. */
export function isLegalLine(text: string): boolean {
  return text.length < 400 && legal.test(text)
}

const start = /^[\s[\](（【［<《「—_\-·•■◆●※>*]*/

/** Labels of lines that are about the article and not of it. */
const credit =
  /^(?:责任编辑|责编|本文编辑|编\s?辑|(?:网络|网站|视频|图片|文字|新媒体|值班|实习|高级)编辑|校\s?对|审\s?核|审稿|监\s?制|初审|复审|终审|一审|二审|三审|主编|总编|本文来源|文章来源|信息来源|消息来源|新闻来源|稿件来源|来\s?源|稿源|供稿(?:单位)?|原标题|原文链接|原文地址|文章纠错|纠错|作\s?者|撰稿|发布(?:时间|日期|人|机构|单位)|更新(?:时间|日期)|发表时间|时\s?间|日\s?期|浏览(?:次数|量)?|阅读(?:次数|量)?|点击(?:数|次数|量)?|点击率|访问(?:次数|量)|信息(?:分类|索引)|【?打印|关闭(?:窗口)?|返回(?:顶部|首页|列表|搜狐)|我要纠错|分享到|分享至|字\s?[号体]|关键[词字]|标签|tags?|上一篇|下一篇|上一条|下一条|前一篇|后一篇|相关(?:阅读|新闻|文章|链接|报道|推荐|资讯|专题|附件下载)|延伸阅读|推荐阅读|热门(?:推荐|文章|新闻)|更多(?:精彩|内容|新闻)|阅读(?:原文|全文|下一篇)|扫一扫|扫描?二维码|长按.{0,8}二维码|点击进入专题|免责声明|特别声明|版权声明|郑重声明|声明[:：]|凡本[网站]|本网站?(?:注明|转载)|转载请|欢迎关注|关注我们|微信公众号[:：]|收藏|举报|评论|网友评论|发表评论|我要评论|已有\d*[条人]|分享|点赞|顶一下|踩一下|editor|source|share this|related (?:articles|stories|news|posts|links)|read more|read next|more from|you may also like|recommended|advertisement|sign up|subscribe|follow us|print this|email this|leave a (?:comment|reply)|filed under|posted (?:in|by|on)|tagged)/i

/** A line that is about the article (its editor, its source, buttons) and not of it. */
export function isCreditLine(text: string): boolean {
  if (text.length > 120) return false
  const bare = text.replace(start, '')
  if (bare === '') return true
  return credit.test(bare) && bare.length <= 90
}
