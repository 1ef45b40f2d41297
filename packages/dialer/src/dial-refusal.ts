/**
 * Why a node is not dialled.
 * - `self`: it is this node
 * - `no-address`: a candidate without any address
 * - `no-port`: it has addresses, but none with a TCP port
 * - `dialing`, `connected`, `pending-inbound`: it is being dialled, a peer already, or shaking hands with us
 * - `netrestrict`: none of its addresses may be dialled
 * - `recent`: it was dialled not long ago; after failures it is left alone for longer
 * - `banned`: it, or its address, has misbehaved too often
 * - `filtered`: the application's filter did not let it pass
 * - `unresolved`: a static node without an address that discovery does not know
 */
export type DialRefusal =
  | 'self'
  | 'no-address'
  | 'no-port'
  | 'dialing'
  | 'connected'
  | 'pending-inbound'
  | 'netrestrict'
  | 'recent'
  | 'banned'
  | 'filtered'
  | 'unresolved'

/** All of them, in the order in which they are looked for. */
export const dialRefusals: readonly DialRefusal[] = [
  'self',
  'no-address',
  'no-port',
  'dialing',
  'connected',
  'pending-inbound',
  'netrestrict',
  'recent',
  'banned',
  'filtered',
  'unresolved',
]
