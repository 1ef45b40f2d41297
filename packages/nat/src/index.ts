/**
 * Port mapping and the external address: the mapper interface, and the mappers of geth's --nat.
 *
 * @module
 */
export { extIp } from './ext-ip.ts'
export type { NatMapper, PortMapping, PortMappingRequest } from './nat-mapper.ts'
export { parseNat } from './parse-nat.ts'
