/** One figure beside a peer's. */
export interface Line {
  readonly name: string
  readonly ours: number
  /** Absent where there is nobody to compare with. */
  readonly peer?: number
  readonly peerName?: string
  /** How many times better ours is: above 1 is ours, whether large or small is good in this unit. */
  readonly ratio?: number
  readonly unit: string
  /** Threads, sizes, direction, backend. */
  readonly note: string
}

/** A line about a rate: the more the better. */
export function rateLine(line: Omit<Line, 'ratio'> & { readonly peer: number; readonly peerName: string }): Line {
  const { name, ours, peer, peerName, unit, note } = line
  return { name, ours: rounded(ours), peer: rounded(peer), peerName, ratio: rounded(ours / peer), unit, note }
}

/** Three digits that mean something. */
export function rounded(value: number): number {
  return Number(value.toPrecision(value >= 1000 ? 4 : 3))
}

const columns = ['name', 'ours', 'peer', 'ratio', 'unit', 'peerName', 'note'] as const
const widths = { name: 24, ours: 9, peer: 9, ratio: 7, unit: 13, peerName: 24, note: 0 }
const numeric = new Set<string>(['ours', 'peer', 'ratio'])

/** The table's first line. */
export const tableHead: string = row((column) => (column === 'peerName' ? 'beside' : column))

/** A line of the table. */
export function tableRow(line: Line): string {
  return row((column) => {
    const value = line[column]
    if (typeof value !== 'number') return value ?? ''
    return column === 'ratio' ? `${value}×` : value.toLocaleString('en-US', { maximumFractionDigits: 2 })
  })
}

function row(cell: (column: (typeof columns)[number]) => string): string {
  const cells = columns.map((column) => {
    const text = cell(column)
    return numeric.has(column) ? text.padStart(widths[column]) : text.padEnd(widths[column])
  })
  return cells.join('  ').trimEnd()
}
