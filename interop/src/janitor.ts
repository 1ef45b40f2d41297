// Started beside the tests: kills their processes and removes their directories when the tests are gone, however they went.
// It reads lines "+pid N", "-pid N" and "+dir PATH" until its standard input ends.
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'

const pids = new Set<number>() // bounded: what the tests start
const dirs = new Set<string>() // bounded: what the tests create

for await (const line of createInterface({ input: process.stdin })) {
  const [word, value] = [line.slice(0, 4), line.slice(5)]
  if (word === '+pid') pids.add(Number(value))
  else if (word === '-pid') pids.delete(Number(value))
  else if (word === '+dir') dirs.add(value)
}
for (const pid of pids) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
for (const dir of dirs) rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
