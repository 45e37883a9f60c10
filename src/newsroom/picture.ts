import { crc32, deflateSync } from 'node:zlib'

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** A transparent GIF of one pixel, as sites put in place of a picture that loads later. */
export const blankGif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

/** A round emblem with one character. */
export function emblemSvg(colour: string, character: string): Uint8Array {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64"><circle cx="32" cy="32" r="30" fill="${colour}"/><text x="32" y="44" font-size="34" text-anchor="middle" fill="#fff">${character}</text></svg>\n`,
  )
}

/** A bar chart in a shape of its own for each `seed`, so that pictures can be told apart. */
export function chartSvg(seed: number): Uint8Array {
  const bars = barHeights(seed).map((height, index) => {
    const x = 24 + index * 72
    return `<rect x="${x}" y="${330 - height * 3}" width="48" height="${height * 3}" fill="#2b6cb0"/>`
  })
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 360" width="600" height="360"><rect width="600" height="360" fill="#eef3f8"/>${bars.join('')}</svg>\n`,
  )
}

/** The same chart as a PNG of 320 × 180 pixels (W3C PNG: 8 bits, RGB, one IDAT, no filter). */
export function chartPng(seed: number): Uint8Array {
  const [width, height] = [320, 180]
  const bars = barHeights(seed)
  const rows = Array.from({ length: height }, (_, y) => {
    const row = Buffer.alloc(1 + width * 3, 0xee)
    row[0] = 0
    for (let x = 0; x < width; x++) {
      const isBar = x % 40 >= 8 && height - y <= 20 + (bars[Math.floor(x / 40)] ?? 0)
      if (isBar) row.set([0x2b, 0x6c, 0xb0], 1 + x * 3)
    }
    return row
  })
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const data = deflateSync(Buffer.concat(rows))
  return Buffer.concat([pngSignature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

function barHeights(seed: number): number[] {
  return Array.from({ length: 8 }, (_, index) => 15 + ((seed * (index + 3) * 17) % 80))
}

function chunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(8)
  framed.writeUInt32BE(data.byteLength, 0)
  framed.writeUInt32BE(crc32(named), 4)
  return Buffer.concat([framed.subarray(0, 4), named, framed.subarray(4)])
}
