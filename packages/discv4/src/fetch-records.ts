import type { NodeAddress } from '@ethwire/enr'

/** Records asked for at once (geth's value). */
const maxFetching = 16

type Arrival =
  | { readonly kind: 'told'; readonly result: IteratorResult<NodeAddress, void> }
  | { readonly kind: 'fetched'; readonly task: Promise<Arrival>; readonly node: NodeAddress | undefined }

/**
 * Nodes with their records, in the order in which these come. `fetch` gives `undefined` for a node that does not tell. Of
 * the source no more is read than there are places: sixteen, those that nobody has taken yet included.
 */
export async function* fetchRecords(
  source: AsyncIterator<NodeAddress, void>,
  fetch: (node: NodeAddress) => Promise<NodeAddress | undefined>,
): AsyncGenerator<NodeAddress, void> {
  // bounded: maxFetching
  const fetching = new Set<Promise<Arrival>>()
  let telling: Promise<Arrival> | undefined
  let isOver = false
  const begin = (node: NodeAddress): void => {
    const task: Promise<Arrival> = fetch(node).then((found) => ({ kind: 'fetched', task, node: found }))
    fetching.add(task)
  }
  try {
    for (;;) {
      if (!isOver && fetching.size < maxFetching) {
        telling ??= source.next().then((result) => ({ kind: 'told', result }))
      }
      const awaited = telling === undefined ? [...fetching] : [telling, ...fetching]
      if (awaited.length === 0) return
      const arrival = await Promise.race(awaited)
      if (arrival.kind === 'fetched') {
        fetching.delete(arrival.task)
        if (arrival.node !== undefined) yield arrival.node
        continue
      }
      telling = undefined
      const { done, value } = arrival.result
      if (done) isOver = true
      else if (value.record === undefined) begin(value)
      else yield value
    }
  } finally {
    // What is still under way must not reject unheard.
    void telling?.catch(() => undefined)
    void source.return?.()
  }
}
