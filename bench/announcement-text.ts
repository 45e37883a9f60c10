// Announcements as a generator writes them: many subjects, few templates, as an archive of ministries has them.
const places = ['青澜市', '南屿省', '松江新区', '北岭县', '东浦开发区', '云阳州', '临海市', '西川区']
const bodies = [
  '商务局',
  '发展和改革委员会',
  '交通运输厅',
  '生态环境局',
  '统计局',
  '市场监督管理局',
  '农业农村厅',
  '科技局',
]
const topics = [
  '跨境电商',
  '冬季供暖',
  '城市公交',
  '粮食收购',
  '河道整治',
  '中小企业融资',
  '数据安全',
  '人才引进',
  '物流枢纽',
  '义务教育',
]
const verbs = [
  '召开推进会',
  '发布实施方案',
  '启动专项检查',
  '公布三季度情况',
  '举行新闻发布会',
  '征求社会意见',
  '通报督查结果',
  '签署合作协议',
]
const tails = [
  '会议要求各单位压实责任，细化措施，确保按期完成年度任务。',
  '下一步将建立台账，逐项销号，并定期向社会公布进展情况。',
  '相关负责人表示，将持续优化服务，为企业和群众办好实事。',
  '有关情况将通过门户网站和新闻媒体及时发布，欢迎监督。',
]

/** A linear congruential step: the same index gives the same text on every machine. */
function next(seed: number): number {
  return (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
}

/** The announcement with this number: about 400 characters in five paragraphs. */
export function announcementText(index: number): { title: string; bodyText: string } {
  let seed = next(index + 1)
  const pick = <T>(list: readonly T[]): T | undefined => {
    seed = next(seed)
    return list[(seed >>> 8) % list.length]
  }
  const number = (max: number) => {
    seed = next(seed)
    return (seed >>> 8) % max
  }
  const [place, body, topic, verb] = [pick(places), pick(bodies), pick(topics), pick(verbs)]
  const paragraphs = Array.from({ length: 4 }, () =>
    [
      `${pick(places)}${pick(bodies)}就${pick(topics)}工作${pick(verbs)}，涉及项目${number(900)}个，总投资${number(9000)}万元，`,
      `同比增长${number(40)}.${number(10)}%。其中${pick(topics)}完成${number(5000)}件，${pick(topics)}覆盖${number(300)}个乡镇，`,
      pick(tails),
    ].join(''),
  )
  return {
    title: `${place}${body}${verb}：${topic}第${number(10_000)}号`,
    bodyText: [`${place}${body}日前${verb}，部署${topic}有关工作，编号${index}。`, ...paragraphs].join('\n'),
  }
}
