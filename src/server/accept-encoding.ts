/** How bytes may be sent, the best first. */
const encodings = ['br', 'gzip', 'identity'] as const
export type Encoding = (typeof encodings)[number]

/** Clients send few different headers; the ones that were read are kept. */
const mostKept = 200
const kept = new Map<string, Encoding>()

function weights(header: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const part of header.split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    const value = weight === undefined ? 1 : Number(weight.slice(2))
    if (name !== '') weights.set(name === 'x-gzip' ? 'gzip' : name, Number.isFinite(value) ? value : 0)
  }
  return weights
}

function choose(header: string): Encoding {
  const stated = weights(header)
  const others = stated.get('*')
  let best: Encoding = 'identity'
  let bestWeight = 0
  for (const encoding of encodings) {
    // What is not named is acceptable only if it is no encoding at all.
    const weight = stated.get(encoding) ?? others ?? (encoding === 'identity' ? 0.001 : 0)
    if (weight > bestWeight) [best, bestWeight] = [encoding, weight]
  }
  return best
}

/** The encoding that a client likes best (RFC 9110 §12.5.3); as they are when it accepts none of ours. */
export function chooseEncoding(header: string | undefined): Encoding {
  if (header === undefined || header === '') return 'identity'
  const known = kept.get(header)
  if (known) return known
  if (kept.size >= mostKept) kept.clear()
  const encoding = choose(header)
  kept.set(header, encoding)
  return encoding
}
