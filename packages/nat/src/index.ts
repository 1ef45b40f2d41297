/**
 * Port mapping and the external address: the mapper interface, and the mappers of geth's --nat.
 *
 * @module
 */
export {}
