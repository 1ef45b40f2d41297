import { codeOf, NodeError, reasonOf } from './errors.ts'
import { jsonText } from './json-text.ts'

/**
 * Writes to standard output and waits until it is taken: the process ends right after.
 * @throws NodeError `NODE_OUTPUT_CLOSED` where whoever reads has stopped, as `head` does, `NODE_OUTPUT`
 */
export async function printWhole(text: string): Promise<void> {
  try {
    await written(text)
  } catch (error) {
    throw outputError(error)
  }
}

/** A line on standard output. @throws NodeError */
export function printLine(text: string): Promise<void> {
  return printWhole(`${text}\n`)
}

/** @throws NodeError */
export function printJson(value: unknown): Promise<void> {
  return printLine(jsonText(value))
}

/** Never resolves; rejects with a NodeError once standard output fails. Call it before what writes without waiting. */
export function outputFailure(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  // It fails again with each write, which is no more news.
  process.stdout.on('error', (error) => reject(outputError(error)))
  // Whoever waits for it may begin to wait later.
  promise.catch(() => undefined)
  return promise
}

/** Whether that is why a command ends. */
export function isOutputError(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'NODE_OUTPUT' || code === 'NODE_OUTPUT_CLOSED'
}

function outputError(error: unknown): NodeError {
  if (codeOf(error) === 'EPIPE')
    return new NodeError('NODE_OUTPUT_CLOSED', 'nobody reads standard output any more', { cause: error })
  return new NodeError('NODE_OUTPUT', `cannot write to standard output: ${reasonOf(error)}`, { cause: error })
}

function written(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // It comes after the callback has had the same error.
    process.stdout.once('error', reject)
    process.stdout.write(text, (error) => {
      if (error) {
        reject(error)
        return
      }
      process.stdout.off('error', reject)
      resolve()
    })
  })
}
