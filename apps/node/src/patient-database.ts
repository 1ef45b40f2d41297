import { rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ChainDatabase } from '@ethwire/chain-store'
import type { Clock, Logger } from '@ethwire/io'
import { NodeError, reasonOf } from './errors.ts'

export interface PatientDatabaseOptions {
  readonly db: ChainDatabase & { close(): Promise<void> }
  /** Where it is on the disk; room is looked for beside it. */
  readonly path: string
  readonly clock: Clock
  readonly logger: Logger
  /** Ends the waiting for room. */
  readonly signal: AbortSignal
  /** Default 5 s. */
  readonly retryMs?: number
}

/** What LevelDB may need to write before it is open again, and some more. */
const neededBytes = 16 * 1024 * 1024

/**
 * A database that is read while the disk is full, and whose writes fail until there is room. LevelDB itself takes no more
 * writes after one has failed, or would lose them: once there is room it is closed and opened again first.
 */
export function createPatientDatabase(options: PatientDatabaseOptions): ChainDatabase {
  const { db, path, clock, logger, signal, retryMs = 5_000 } = options
  let reopening: Promise<void> | undefined
  let waiting: Promise<void> | undefined
  let reading = 0
  let onIdle: (() => void) | undefined

  /** Not while it is closed. */
  const whileOpen = async <T>(work: () => Promise<T>): Promise<T> => {
    while (reopening !== undefined) await reopening
    reading++
    try {
      return await work()
    } finally {
      reading--
      if (reading === 0) onIdle?.()
    }
  }

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        timer.cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = clock.setTimer(retryMs, end)
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
    })

  const openAgain = async (): Promise<void> => {
    const idle = new Promise<void>((resolve) => {
      onIdle = resolve
    })
    if (reading > 0) await idle
    onIdle = undefined
    await db.close()
    for (;;) {
      try {
        return await db.open()
      } catch (error) {
        if (signal.aborted) throw full(path, error)
        logger.debug({ path, error }, 'The store does not open yet')
        await pause()
      }
    }
  }

  const waitForRoom = async (cause: unknown): Promise<void> => {
    logger.error(
      { path, error: cause },
      'Disk full: nothing more is stored until there is room; what is stored is served',
    )
    do {
      await pause()
      if (signal.aborted) throw full(path, cause)
    } while (!(await hasRoom(path)))
    reopening = openAgain().finally(() => {
      reopening = undefined
    })
    await reopening
    logger.info({ path }, 'There is room on the disk again')
  }

  const write = async (work: () => Promise<void>): Promise<void> => {
    if (waiting !== undefined) throw full(path)
    try {
      await whileOpen(work)
    } catch (error) {
      if (!isDiskFull(error)) throw error
      waiting ??= waitForRoom(error)
        .catch((failure: unknown) => logger.debug({ path, error: failure }, 'No room until the end'))
        .finally(() => {
          waiting = undefined
        })
      throw full(path, error)
    }
  }

  return {
    open: () => db.open(),
    get: (key, as) => whileOpen(() => db.get(key, as)),
    getMany: (keys, as) => whileOpen(() => db.getMany(keys, as)),
    hasMany: (keys, as) => whileOpen(() => db.hasMany(keys, as)),
    iterator: (range) => ({ all: () => whileOpen(() => db.iterator(range).all()) }),
    batch: (operations, as) => write(() => db.batch(operations, as)),
    clear: (range) => write(() => db.clear(range)),
  }
}

/** Whether an error of the database, or of the file system, says that there is no room. */
export function isDiskFull(error: unknown): boolean {
  return /no space left|quota exceeded|ENOSPC|EDQUOT/i.test(reasonOf(error))
}

function full(path: string, cause?: unknown): NodeError {
  return new NodeError('NODE_STORE', `no room on the disk for ${path}`, { cause })
}

/** Written, as free bytes say nothing of quotas. */
async function hasRoom(path: string): Promise<boolean> {
  const probe = join(dirname(path), 'room.tmp')
  try {
    await writeFile(probe, Buffer.alloc(neededBytes))
    return true
  } catch {
    return false
  } finally {
    await rm(probe, { force: true })
  }
}
