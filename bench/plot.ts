// A line on a logarithmic x axis, as an SVG that needs nothing to be looked at.

export interface Point {
  readonly x: number
  readonly y: number
}

const [width, height, margin] = [640, 360, 56]

function text(x: number, y: number, words: string, anchor = 'middle'): string {
  return `<text x="${x.toFixed(0)}" y="${y.toFixed(0)}" text-anchor="${anchor}">${words}</text>`
}

/** A figure with one curve a series; x from the smallest to the largest value on a logarithmic scale, y from 0. */
export function plot(
  title: string,
  axes: { readonly x: string; readonly y: string },
  series: Readonly<Record<string, readonly Point[]>>,
): string {
  const points = Object.values(series).flat()
  const [left, right] = [Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ x }) => x))]
  const top = Math.max(...points.map(({ y }) => y)) * 1.1
  const atX = (x: number) => margin + (Math.log(x / left) / Math.log(right / left)) * (width - 2 * margin)
  const atY = (y: number) => height - margin - (y / top) * (height - 2 * margin)
  const curves = Object.entries(series).map(([name, curve], index) => {
    const colour = ['#0b57d0', '#b3261e', '#146c2e'][index % 3] ?? '#000'
    const last = curve.at(-1) ?? { x: left, y: 0 }
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${curve.map(({ x, y }) => `${atX(x).toFixed(1)},${atY(y).toFixed(1)}`).join(' ')}"/>`,
      ...curve.map(
        ({ x, y }) => `<circle cx="${atX(x).toFixed(1)}" cy="${atY(y).toFixed(1)}" r="3" fill="${colour}"/>`,
      ),
      text(atX(last.x), atY(last.y) - 10, `${name}: ${last.y.toPrecision(3)}`, 'end'),
    ].join('\n')
  })
  const ticks = [...new Set(points.map(({ x }) => x))].map((x) =>
    text(atX(x), height - margin + 20, x.toLocaleString('en')),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
${text(width / 2, 26, title)}
<path d="M${margin} ${margin}V${height - margin}H${width - margin}" fill="none" stroke="#888"/>
${text(width / 2, height - 12, axes.x)}
${text(margin, margin - 10, axes.y, 'start')}
${ticks.join('\n')}
${curves.join('\n')}
</svg>
`
}
