/**
 * The nodes that were seen, and the local sequence number, on any abstract-level store.
 *
 * @module
 */
export {}
