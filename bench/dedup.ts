import { createHash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { StoryIndex, type StoryArticle } from '../src/dedup/public.ts'

/** Syllables that the benchmark's texts are written with; enough for texts to be as different as reports are. */
const words =
  '市水务局今天公布计划城北片区居民用水工程主体完工下月通水学校家长公交站口路面恢复记者采访负责人介绍设备老化更换管道检验预约参观博物馆展览运河码头船工照片征集免费开放登记限额企业研发产品客户服务增长投资项目建设生态保护河道治理医院门诊医生患者方案改革服务窗口办理材料时间缩短农户合作社种植苹果收购价格物流冷链仓库快递乡村道路班车老人食堂志愿者社区活动图书阅读儿童科普天文气象台风预警转移安置渔船港口航线开通旅客机场高铁车站换乘'
const standing =
  '以上信息由企业提供，不构成任何投资建议，读者据此作出的决定与本企业无关，本企业保留对文字作出修改的权利。'

/** A repeatable sequence of numbers from 0 to 1 (mulberry32): the same texts in every run. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Document number `index` of an endless wire: every fifth is a copy of a recent one, in another dress; a thousand a day. */
function aDocument(index: number): StoryArticle {
  const isCopy = index % 5 === 4
  const random = sequence(isCopy ? index - 4 : index)
  const sentences = Array.from({ length: 30 }, () => {
    const length = 18 + Math.floor(random() * 24)
    const start = Array.from({ length }, () => words.charAt(Math.floor(random() * words.length))).join('')
    return random() < 0.3 ? `${start}${Math.floor(random() * 5000)}人。` : `${start}。`
  })
  const paragraphs = Array.from({ length: 6 }, (_, at) => sentences.slice(at * 5, at * 5 + 5).join(''))
  if (isCopy) paragraphs.splice(3, 1, '编辑推荐：这个周末去哪儿玩？')
  if (index % 7 === 0) paragraphs.push(standing)
  return {
    id: `d${index}`,
    url: `https://www.example.cn/news/${index}.html`,
    title: (sentences[0] ?? '').slice(0, 24),
    bodyText: paragraphs.join('\n'),
    publishedAt: {
      at: new Date(Date.UTC(2019, 9, 1) + index * 86_400).toISOString(),
      precision: 'second',
      zone: 'Asia/Shanghai',
      from: 'bench',
    },
  }
}

function usedMegabytes(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 1e6
}

const cpuMs = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

/** Documents measured at each size; the others are added unmeasured. */
const sample = 2000

/**
 * Prints how fast documents are put into stories, and how much memory they take, as the index grows.
 * Speed is told by processor time and as a ratio to one SHA-256 of each text in the same run, since machines differ.
 * @param args the largest number of documents, 100000 unless given: `['1000000']` takes about 3 GB and some ten minutes
 */
export function run(args: readonly string[] = []): void {
  const largest = Number(args[0] ?? 100_000)
  const sizes = [10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000].filter((size) => size <= largest)
  const index = new StoryIndex()
  const before = usedMegabytes()
  let added = 0
  let folded = 0
  process.stdout.write('documents   docs/s   µs each   times SHA-256   worst ms   MB   bytes each   folded\n')
  for (const size of sizes) {
    for (; added < size - sample; added++) if (index.add(aDocument(added)) !== `d${added}`) folded++
    const documents = Array.from({ length: sample }, (_, at) => aDocument(added + at))
    const hashing = process.cpuUsage()
    for (const { bodyText } of documents) createHash('sha256').update(bodyText).digest('hex')
    const hashMs = cpuMs(hashing)
    const adding = process.cpuUsage()
    let worst = 0
    for (const item of documents) {
      const start = performance.now()
      if (index.add(item) !== item.id) folded++
      worst = Math.max(worst, performance.now() - start)
    }
    const addMs = cpuMs(adding)
    added += sample
    const megabytes = usedMegabytes() - before
    const cells = [
      String(added).padStart(9),
      Math.round((sample / addMs) * 1000)
        .toString()
        .padStart(8),
      ((addMs / sample) * 1000).toFixed(0).padStart(9),
      (addMs / hashMs).toFixed(0).padStart(15),
      worst.toFixed(1).padStart(10),
      megabytes.toFixed(0).padStart(4),
      ((megabytes * 1e6) / added).toFixed(0).padStart(12),
      String(folded).padStart(8),
    ]
    process.stdout.write(`${cells.join(' ')}\n`)
  }
}
