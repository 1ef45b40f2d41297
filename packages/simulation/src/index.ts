/**
 * Whole networks of nodes in one process, in virtual time and from a seed.
 *
 * @module
 */
export { type Attack, type AttackerPlace, type AttackOptions, createAttack } from './attack.ts'
export { type CandidatesOptions, collectCandidates, markedShare } from './candidates.ts'
export { type LookupOptions, type LookupReport, measureLookups } from './lookups.ts'
export {
  createPuppet,
  type Puppet,
  type PuppetIdentity,
  type PuppetOptions,
  type PuppetStage,
  puppetIdentity,
} from './puppet.ts'
export { createSimulation, type SimulatedNode, type Simulation, type SimulationOptions } from './simulation.ts'
export { standInCrypto } from './stand-in-crypto.ts'
export { reportTables, settledNodes, type TableReport } from './tables.ts'
