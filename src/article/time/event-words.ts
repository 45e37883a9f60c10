/** What is done to an event: it is held, it opens, it begins. */
export const holding =
  '隆重举行|举行|召开|举办|开幕|启幕|揭幕|开赛|开演|首演|首映|上演|上映|开唱|开打|开播|开园|开馆|开业|开展|开讲|启动|揭晓|上线|亮相|拉开帷幕|拉开序幕|鸣枪|发布|开营|开机|起航|首发|开市'

/** Verbs that plans and projects take as well: their subject must be named as an event. */
export const looseHolding = /启动|开展|发布|上线|亮相|揭晓/

/** Words that put an event ahead. */
export const announcing =
  '兹定于|定于|拟定于|拟于|预定于|计划于|预计于|预计将|预计|即将于|即将在|即将|将于|将在|将会|将由|将以|将从|将迎来|将|订于'

/** How names of events end. */
export const eventNoun =
  /(?:会|会议|式|论坛|展|展览|节|赛|大赛|锦标赛|公开赛|联赛|马拉松|活动|仪式|典礼|峰会|讲座|演出|晚会|周|活动日|活动月|宣传月|宣传日|季|训练营|研讨班|培训班|课程|培训|讲坛|沙龙|对话|庙会|市集|车展|书展|画展|巡演|路演|比赛|竞赛|决赛|考试|选举|开放日|盛典|之夜|大典|联展|听证|招聘|宣讲|义诊|首映|双年展|文博会|大集)(?:（[^（）]{1,12}）|\([^()]{1,12}\))?[”"』」》]?$/

/** A sentence with one of these tells of something over, called off or only to be applied for. */
export const notAhead =
  /取消|暂停|不再|原定|原计划|曾于|曾在|此前|已于|已在|成功举[办行]|圆满|闭幕|落幕|如遇|截止|截至|报名|申报|报送|投稿|缴费|提交|起施行|起实施/

/** One character for a city: 在京举行. */
export const shortPlaces: Readonly<Record<string, string>> = {
  京: '北京',
  沪: '上海',
  津: '天津',
  渝: '重庆',
  穗: '广州',
  深: '深圳',
  蓉: '成都',
  杭: '杭州',
  宁: '南京',
  汉: '武汉',
  港: '香港',
  澳: '澳门',
  琼: '海南',
  榕: '福州',
  邕: '南宁',
  筑: '贵阳',
  昆: '昆明',
  哈: '哈尔滨',
  沈: '沈阳',
  济: '济南',
  郑: '郑州',
  甬: '宁波',
}
