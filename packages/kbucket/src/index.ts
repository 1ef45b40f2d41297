/**
 * The Kademlia routing table of Ethereum's node discovery: distances, buckets, revalidation, lookups.
 *
 * @module
 */
export {}
