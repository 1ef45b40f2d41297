import { escapeControls } from '../escape-controls.ts'
import { grouped } from '../progress-text.ts'

const maxShownLength = 100

/** What `discv4_explain` tells, for people. Whatever is missing or of another kind is left out. */
export function explainText(explained: unknown): string {
  const { id, place, provenIp, node, events } = fieldsOf(explained)
  if (place === 'self') return `${text(id)}\n  is this node itself`
  const lines = [text(id), `  in the table    ${placeText(place, fieldsOf(node))}`]
  const known = fieldsOf(node)
  if (typeof known.node === 'string') {
    const proof = typeof provenIp === 'string' ? `${text(provenIp)}, within 24 h` : 'none within 24 h'
    lines.push(`  as              ${escapeControls(known.node).slice(0, 500)}`, `  endpoint proof  ${proof}`)
  }
  const happened = Array.isArray(events) ? events.map(eventLine) : []
  if (happened.length === 0) lines.push('', 'Nothing is known of it: it was never met, or long ago.')
  else lines.push('', ...happened)
  return lines.join('\n')
}

function placeText(place: unknown, node: Readonly<Record<string, unknown>>): string {
  const { live, checks, queryFailures, addedToTable } = node
  const details = [
    live === true ? 'live' : 'not live',
    `${count(checks)} checks passed`,
    ...(typeof queryFailures === 'number' && queryFailures > 0 ? [`${count(queryFailures)} queries failed`] : []),
    ...(typeof addedToTable === 'string' ? [`since ${text(addedToTable)}`] : []),
  ].join(', ')
  if (place === 'bucket') return `yes: ${details}`
  if (place === 'replacements') return `waits for a place: ${details}`
  return 'no'
}

function eventLine(event: unknown): string {
  const { time, event: what, rule, detail, count: times } = fieldsOf(event)
  const often = typeof times === 'number' && times > 1 ? ` (${count(times)} times, this is the last)` : ''
  const more = typeof detail === 'string' ? `: ${text(detail)}` : ''
  return `${text(time).padEnd(24)}  ${text(what).padEnd(12)}  ${text(rule)}${more}${often}`
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? escapeControls(value).slice(0, maxShownLength) : ''
}

function count(value: unknown): string {
  return typeof value === 'number' ? grouped(value) : '?'
}
