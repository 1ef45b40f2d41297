/**
 * Whole networks of nodes in one process, in virtual time and from a seed.
 *
 * @module
 */
export {}
