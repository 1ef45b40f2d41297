import type { Clock } from '@ethwire/io'
import { type Allowance, allOf, createAllowance } from './allowance.ts'

/** How many bytes a second a server may move; what is absent is unbounded. */
export interface BandwidthOptions {
  /** Of all connections together. */
  readonly uploadBytesPerSecond?: number
  readonly downloadBytesPerSecond?: number
  /** Of each connection. */
  readonly peerUploadBytesPerSecond?: number
  readonly peerDownloadBytesPerSecond?: number
}

/** What one connection may take. */
export interface ConnectionAllowances {
  readonly upload: Allowance | undefined
  readonly download: Allowance | undefined
  close(): void
}

/** Divides what may be moved between connections. */
export interface Bandwidth {
  ofConnection(): ConnectionAllowances
  close(): void
}

export function createBandwidth(clock: Clock, options: BandwidthOptions): Bandwidth {
  const { peerUploadBytesPerSecond, peerDownloadBytesPerSecond } = options
  const make = (bytesPerSecond: number | undefined): Allowance[] =>
    bytesPerSecond === undefined ? [] : [createAllowance(clock, bytesPerSecond)]
  const upload = make(options.uploadBytesPerSecond)
  const download = make(options.downloadBytesPerSecond)
  return {
    ofConnection() {
      const ownUpload = make(peerUploadBytesPerSecond)
      const ownDownload = make(peerDownloadBytesPerSecond)
      return {
        // Its own first: who waits for that must not stand in the way of others who wait for what is shared.
        upload: allOf([...ownUpload, ...upload]),
        download: allOf([...ownDownload, ...download]),
        close() {
          for (const allowance of [...ownUpload, ...ownDownload]) allowance.close()
        },
      }
    },
    close() {
      for (const allowance of [...upload, ...download]) allowance.close()
    },
  }
}
