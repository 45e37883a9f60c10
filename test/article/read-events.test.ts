import { expect, test } from 'vitest'
import { readEvents } from '../../src/article/time/read-events.ts'

/** Tuesday, 10 March 2026, 09:00 in Shanghai. */
const from = { reference: new Date('2026-03-10T09:00:00+08:00'), zone: 'Asia/Shanghai' }

function inBeijing(at: string): string {
  return new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(0, 16)
}

/** Each event as `title | start precision | end | place`. */
function eventsOf(bodyText: string, title: string | null = null, reference = from.reference): string[] {
  return readEvents({ title, bodyText }, { ...from, reference }).map(({ title, start, end, place }) =>
    [title, `${inBeijing(start.at)} ${start.precision}`, end === null ? '-' : inBeijing(end.at), place ?? '-'].join(
      ' | ',
    ),
  )
}

test.each([
  [
    '第七届江海渔业博览会将于4月18-20日在舟山国际会展中心举行。',
    '第七届江海渔业博览会 | 2026-04-18T00:00 day | 2026-04-20T00:00 | 舟山国际会展中心',
  ],
  ['4月2日上午9:30，2026年城市更新论坛将在沪举行。', '2026年城市更新论坛 | 2026-04-02T09:30 minute | - | 上海'],
  ['据悉，由市文旅局主办的首届湖畔诗歌节拟于5月1日开幕。', '首届湖畔诗歌节 | 2026-05-01T00:00 day | - | -'],
  [
    '公司定于2026年4月16日14时在总部大楼召开2025年年度股东大会。',
    '2025年年度股东大会 | 2026-04-16T14:00 hour | - | 总部大楼',
  ],
  ['全省茶叶品鉴会3月21日至22日在安溪举办。', '全省茶叶品鉴会 | 2026-03-21T00:00 day | 2026-03-22T00:00 | 安溪'],
  [
    'The 2026 Harbour Light Festival will be held in Qingdao from May 6 to 8, 2026.',
    '2026 Harbour Light Festival | 2026-05-06T00:00 day | 2026-05-08T00:00 | Qingdao',
  ],
])('an announced event: %s', (text, expected) => {
  expect(eventsOf(text)).toEqual([expected])
})

test.each([
  ['past, as reported', '3月6日，江海渔业博览会新闻发布会在京举行。'],
  ['over', '第六届江海渔业博览会于2025年4月18日成功举办。'],
  ['called off', '原定于4月18日举行的露天音乐会取消。'],
  ['a deadline', '大赛报名将于4月1日截止，请参赛者提前提交作品。'],
  ['a year only', '跨海大桥项目将于2027年启动。'],
  ['open at its end', '新修订的管理办法将于5月1日起施行。'],
  ['without a name', '会议将于4月3日召开。'],
  ['held in passing', '4月18日将举行的是什么，主办方没有说明。'],
  ['a date that has been and names no year', '灯会将于1月20日举行。'],
])('no event: %s', (_, text) => {
  expect(eventsOf(text)).toEqual([])
})

test('a date without a year that is announced late in the year is in the next year', () => {
  const december = new Date('2025-12-20T09:00:00+08:00')
  expect(eventsOf('第三届冰雪嘉年华活动将于1月5日在镜泊湖启幕。', null, december)).toEqual([
    '第三届冰雪嘉年华活动 | 2026-01-05T00:00 day | - | 镜泊湖',
  ])
})

test('title and text that tell of one event give it once, with what each of them knows', () => {
  const title = '第七届江海渔业博览会将于4月18日举行'
  const text = '记者获悉，第七届江海渔业博览会将于4月18日上午10时在舟山举行。\n据介绍，渔业博览会将于4月18日开幕。'
  expect(eventsOf(text, title)).toEqual(['第七届江海渔业博览会 | 2026-04-18T10:00 hour | - | 舟山'])
})

test('a sentence that calls an event by its short name means the one that title or lead name in full', () => {
  const text = '3月9日，第九届海丝农业博览会新闻发布会在泉州举行。\n博览会以“丰收”为主题，将于4月22-24日在晋江举行。'
  expect(eventsOf(text)).toEqual(['第九届海丝农业博览会 | 2026-04-22T00:00 day | 2026-04-24T00:00 | 晋江'])
})

test('two events of one text are both given', () => {
  const text = '数字乡村峰会将于4月10日在德清举行。春季招聘会将于3月28日在人才市场举办。'
  expect(eventsOf(text)).toEqual([
    '数字乡村峰会 | 2026-04-10T00:00 day | - | 德清',
    '春季招聘会 | 2026-03-28T00:00 day | - | 人才市场',
  ])
})

test('a notice gives time and place on lines of their own', () => {
  const text =
    '各有关单位：\n现将有关事项通知如下。\n一、会议时间：2026年3月26日（星期四）下午2:30\n二、会议地点：市行政中心3号楼205室\n三、报名时间：3月20日前'
  expect(eventsOf(text, '关于召开全市防汛工作会议的通知')).toEqual([
    '全市防汛工作会议 | 2026-03-26T14:30 minute | - | 市行政中心3号楼205室',
  ])
})

test('no text makes it throw or take long', () => {
  for (const text of [
    '将于'.repeat(50_000),
    '将于1月1日在'.repeat(10_000),
    '举行'.repeat(50_000),
    'will be held in May '.repeat(5000),
  ]) {
    expect(readEvents({ title: null, bodyText: text }, from)).toEqual([])
  }
}, 60_000)

test('a reference that is no date gives no events', () => {
  expect(eventsOf('灯会将于4月20日举行。', null, new Date(Number.NaN))).toEqual([])
})
