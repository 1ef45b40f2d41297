import { codeOf } from '../errors.ts'

/**
 * Writes to standard output and waits until it is taken: the process ends right after. Whoever reads may stop reading, as
 * `head` does.
 */
export async function printWhole(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: Error | null): void => {
      if (error && codeOf(error) !== 'EPIPE') reject(error)
      else resolve()
    }
    // It comes after the callback has had the same error.
    process.stdout.once('error', settle)
    process.stdout.write(text, (error) => {
      if (!error) process.stdout.off('error', settle)
      settle(error)
    })
  })
}

export function printLine(text: string): Promise<void> {
  return printWhole(`${text}\n`)
}
