/**
 * Node discovery v4: packets, endpoint proofs, the routing table at work, lookups, walks of the network.
 *
 * @module
 */
export {}
