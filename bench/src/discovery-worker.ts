// Runs one experiment, told as JSON in the first argument, and prints its result as JSON; progress on standard error.
import { type DiscoveryJob, runAttack, runNetwork } from './discovery-experiments.ts'

const job = JSON.parse(process.argv[2] ?? '') as DiscoveryJob
const name = job.kind === 'network' ? `${job.nodes} nodes` : `${job.ids} IDs, ${job.place}`
const progress = (text: string): void => console.error(`${name}, ${job.policy}, seed ${job.seed}: ${text}`)
const result = job.kind === 'network' ? await runNetwork(job, progress) : await runAttack(job, progress)
console.log(JSON.stringify(result))
