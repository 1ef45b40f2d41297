import { sameId } from './distance.ts'
import type { Slot } from './table-node.ts'

/**
 * Nodes in their order, and beside them the first words of their IDs in one array: looking for an ID touches no node but
 * the one that has it. A table whose nodes have to be fetched from memory for each packet would be slower by far.
 */
export class SlotList<E> {
  /** As they are in order. For reading. */
  readonly slots: Slot<E>[] = []
  readonly #words: Int32Array
  readonly #start: number

  /**
   * @param words a table's words, one array for all its lists, since small arrays are mostly overhead
   * @param start where this list's begin
   */
  constructor(words: Int32Array, start: number) {
    this.#words = words
    this.#start = start
  }

  /** The node of an ID, of which `word` is the first word. */
  find(word: number, id: Uint8Array, idOf: (entry: E) => Uint8Array): Slot<E> | undefined {
    const words = this.#words
    const start = this.#start
    const { slots } = this
    const end = start + slots.length
    for (let at = start; at < end; at++) {
      if (words[at] !== word) continue
      const node = slots[at - start]!
      if (sameId(idOf(node.entry), id)) return node
    }
    return undefined
  }

  push(node: Slot<E>): void {
    this.#words[this.#start + this.slots.length] = node.word
    this.slots.push(node)
  }

  unshift(node: Slot<E>): void {
    this.slots.push(node)
    this.#shift(this.slots.length - 1, node)
  }

  /** Takes a node out. `splice` would make an array for it, and `copyWithin` is slower by far. */
  cut(node: Slot<E>): void {
    const { slots } = this
    const words = this.#words
    const start = this.#start
    for (let at = slots.indexOf(node); at < slots.length - 1; at++) {
      slots[at] = slots[at + 1]!
      words[start + at] = words[start + at + 1]!
    }
    slots.pop()
  }

  moveToFront(node: Slot<E>): void {
    this.#shift(this.slots.indexOf(node), node)
  }

  /** Moves those before the place up by one, and puts the node first. */
  #shift(place: number, node: Slot<E>): void {
    const { slots } = this
    const words = this.#words
    const start = this.#start
    for (let at = place; at > 0; at--) {
      slots[at] = slots[at - 1]!
      words[start + at] = words[start + at - 1]!
    }
    slots[0] = node
    words[start] = node.word
  }
}
