import type { Page } from '../model/page.ts'

/** What a response shows of somebody who keeps programs out. */
export interface BlockEvidence {
  readonly status: number
  /** By its name in small letters; `null` when there is none. */
  readonly header: (name: string) => string | null
  /** The body, or its first `blockSampleBytes`. */
  readonly body: Uint8Array
}

/** Challenges stand in the first kilobytes of a page. */
export const blockSampleBytes = 32 * 1024

/** Statuses that say "not you", as opposed to "not there" and "not now" (RFC 9110 §15.5, RFC 6585, RFC 7725; nginx 444, CDNs 5xx). */
export const blockStatuses: ReadonlySet<number> = new Set([
  401, 403, 405, 406, 412, 418, 429, 444, 451, 493, 512, 521, 567,
])

interface Look extends BlockEvidence {
  /** Of the body: see `marksOf`. */
  readonly marks: string
  /** Whether the body has fewer characters. */
  readonly isShorterThan: (characters: number) => boolean
  /** The beginning of the body as UTF-8. */
  readonly text: () => string
}

interface Sign {
  readonly name: string
  readonly isSeen: (look: Look) => boolean
}

const has =
  (pattern: RegExp) =>
  ({ marks }: Look) =>
    pattern.test(marks)

/** Each by marks that its pages have only while they keep somebody out; the same products' scripts stand in pages that let in. */
const signs: readonly Sign[] = [
  {
    name: 'Cloudflare challenge',
    isSeen: ({ header, marks, text }) =>
      header('cf-mitigated') === 'challenge' ||
      (/_cf_chl_opt|cf-browser-verification|challenge-form/.test(marks) &&
        /just a moment|checking your browser|请稍候/i.test(text())),
  },
  {
    name: 'Ruishu JavaScript challenge',
    isSeen: ({ status, marks }) =>
      /\$_ts\s*=\s*window\[/.test(marks) || (status === 412 && /<meta[^>]+r=["']?m["']?/.test(marks)),
  },
  {
    name: 'Jiasule JavaScript cookie',
    isSeen: ({ status, header, marks }) =>
      /__jsl_clearance/.test(marks) ||
      ((status === 521 || status === 512) && (header('set-cookie') ?? '').includes('__jsl')),
  },
  { name: 'Alibaba Cloud JavaScript cookie', isSeen: has(/acw_sc__v[23]\b|var arg1\s*=\s*'[0-9A-F]{20,}'/) },
  { name: 'Tencent EdgeOne challenge', isSeen: has(/__tst_status|EO_Bot_Ssid/) },
  { name: 'Imperva challenge', isSeen: has(/_Incapsula_Resource|Request unsuccessful\. Incapsula/) },
  {
    name: 'DataDome challenge',
    isSeen: ({ status, header, marks }) =>
      status !== 200 && (header('x-datadome') !== null || /captcha-delivery\.com/.test(marks)),
  },
  {
    name: 'Akamai refusal',
    isSeen: has(/<title>Access Denied<\/title>[^]*Reference&#32;&#35;|errors\.edgesuite\.net/i),
  },
  {
    name: 'web application firewall',
    isSeen: ({ isShorterThan, text }) =>
      isShorterThan(12_000) &&
      /(?:访问|请求|操作)(?:可能存在风险|存在安全风险|被拦截|被阻断|疑似攻击|行为异常)|网站防火墙|web application firewall|您的请求带有不合法参数/i.test(
        text(),
      ),
  },
  {
    name: 'CAPTCHA',
    isSeen: ({ isShorterThan, marks, text }) =>
      isShorterThan(12_000) &&
      !/<p[\s>][^]*<p[\s>]/i.test(marks) &&
      /滑动验证|安全验证|请完成验证|人机验证|verify you are human|g-recaptcha|h-captcha/i.test(text()),
  },
  {
    name: 'JavaScript cookie challenge',
    isSeen: ({ isShorterThan, marks }) =>
      isShorterThan(6000) &&
      /document\.cookie\s*=/.test(marks) &&
      /location(?:\.href)?\s*=|location\.(?:reload|replace)|\.submit\(\)/.test(marks) &&
      !/<a\s[^>]*href=/i.test(marks),
  },
]

/**
 * Who keeps programs out, by name, when a response shows it: a challenge of a known product, a firewall's page, a
 * CAPTCHA, or else the status (`HTTP 403`); `null` when it does not.
 */
export function blockOf(evidence: BlockEvidence): string | null {
  const { body } = evidence
  let text: string | null = null
  const look: Look = {
    ...evidence,
    marks: marksOf(body),
    text: () => (text ??= new TextDecoder('utf-8').decode(body.subarray(0, blockSampleBytes))),
    isShorterThan: (characters) => body.length < blockSampleBytes && look.text().length < characters,
  }
  const sign = signs.find(({ isSeen }) => isSeen(look))
  if (sign) return sign.name
  return blockStatuses.has(evidence.status) ? `HTTP ${evidence.status}` : null
}

const loginPath =
  /\/(?:login|log-in|signin|sign-in|logon|passport|sso|cas|oauth2?|authorize|account\/login)(?:[/.?]|$)/i
const passwordField = /<input\b[^>]*type\s*=\s*["']?password/i

/** Whether a page asks its reader to sign in before it shows anything: by where it was sent to, or by a form and no text. */
export function isLoginWall(page: Pick<Page, 'requestedUrl' | 'url' | 'body'>, articleLength: number): boolean {
  // Portals have a small form for their editors beside every text.
  if (articleLength >= 200) return false
  const wasSent = loginPath.test(new URL(page.url).pathname) && !loginPath.test(new URL(page.requestedUrl).pathname)
  return wasSent || passwordField.test(marksOf(page.body))
}

/** The beginning of a body byte by byte, for marks that are ASCII: to decode all of it takes as long as to read it. */
export function marksOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, blockSampleBytes)).toString('latin1')
}
