import Table from 'cli-table3'
import { escapeControls } from './escape-controls.ts'
import { grouped } from './progress-text.ts'

const maxShownLength = 60

/** What `admin_peers` tells, for people. Whatever is missing or of another kind than geth's is left empty. */
export function peersTable(peers: readonly unknown[]): string {
  if (peers.length === 0) return 'No peers.'
  const table = new Table({
    head: ['id', 'name', 'address', 'kind', 'eth', 'blocks'],
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right'],
    style: { head: ['bold'], border: ['gray'], compact: true },
  })
  for (const peer of peers) {
    const { id, name, network, protocols } = fieldsOf(peer)
    const { remoteAddress, inbound, trusted, static: isStatic } = fieldsOf(network)
    const { version, earliestBlock, latestBlock } = fieldsOf(fieldsOf(protocols).eth)
    const kinds = [inbound === true ? 'inbound' : 'outbound', isStatic && 'static', trusted && 'trusted']
    table.push([
      text(id).slice(0, 16),
      text(name),
      text(remoteAddress),
      kinds.filter((kind) => typeof kind === 'string').join(' '),
      number(version),
      `${number(earliestBlock)}–${number(latestBlock)}`.replace(/^–$/, ''),
    ])
  }
  const count = `${peers.length} peer${peers.length === 1 ? '' : 's'}`
  return `${table.toString()}\n${count}`
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string {
  if (typeof value !== 'string') return ''
  const shown = escapeControls(value)
  return shown.length > maxShownLength ? `${shown.slice(0, maxShownLength - 1)}…` : shown
}

function number(value: unknown): string {
  return typeof value === 'number' ? grouped(value) : ''
}
