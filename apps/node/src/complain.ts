import { escapeControls } from './escape-controls.ts'

/** Paths are long, too. */
const maxLineLength = 10_000

/** Says on standard error what is wrong; that may quote a file of strangers, and steers no terminal. Lines stay lines. */
export function complain(text: string): void {
  const lines = text.split('\n').map((line) => escapeControls(line, maxLineLength))
  process.stderr.write(`ethwire: ${lines.join('\n')}\n`)
}
