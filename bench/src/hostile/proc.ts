import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** What Linux tells of a process from outside. */
export interface ProcessFigures {
  readonly residentBytes: number
  /** The most since `forgetPeak`. */
  readonly peakBytes: number
  readonly descriptors: number
}

/** @throws Error when the process is gone */
export function processFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (field: string): number => Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1])
  return {
    residentBytes: kilobytes('VmRSS') * 1024,
    peakBytes: kilobytes('VmHWM') * 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  }
}

/** Begins the peak of resident memory anew (proc(5), `clear_refs`). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

/** How long the process' main thread has been ready to run while others had the processors. */
export function waitedForCpuMs(pid: number): number {
  const [, waitedNs] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')
  return Number(waitedNs) / 1e6
}
