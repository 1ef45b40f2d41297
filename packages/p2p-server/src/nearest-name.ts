/** Longer names are compared by their beginning: the cost grows with the square. */
const MAX_COMPARED = 80

/** Which of some names was meant, most likely, by one that is none of them. */
export function nearestName(name: string, names: readonly string[]): string {
  const distances = names.map((other) => distance(name, other))
  return names[distances.indexOf(Math.min(...distances))] ?? ''
}

/** Levenshtein's, letters of either case the same. */
function distance(a: string, b: string): number {
  const from = a.toLowerCase().slice(0, MAX_COMPARED)
  const to = b.toLowerCase()
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[to.length] as number
}
