import { createMetrics } from './metrics.ts'

/** The metrics as a Markdown table, in the order in which they are made. */
export function metricsTable(): string {
  const rows = createMetrics()
    .registry.getMetricsAsArray()
    .map(({ name, help, type, ...metric }) => {
      const labels = 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames : []
      return `| \`${name}\` | ${String(type)} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`
    })
  return ['| metric | type | labels | what it is |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
