import type { Command, Option } from 'commander'
import { goBoolean } from './parsers.ts'

/** The commands that are geth's, too. The filters of `nodeset` have their one dash as they are. */
const commands: ReadonlySet<string> = new Set(['run', 'import', 'export'])
/** geth's other names of flags. */
const aliases: Readonly<Record<string, string>> = {
  '--discv4': '--discovery.v4',
  '--discv5': '--discovery.v5',
}

/**
 * A command line in the spelling that commander reads. geth's flags may have one dash, other names, and a value where they
 * need none: `-http`, `--discv4`, `--http=true`, `--nodiscover=false`. The last of several counts.
 * @throws CommanderError for a value that is neither true nor false
 */
export function readGethSpelling(program: Command, args: readonly string[]): string[] {
  const [name = '', ...rest] = args
  const command = commands.has(name) ? program.commands.find((one) => one.name() === name) : undefined
  if (command === undefined) return [...args]
  const options = new Map(command.options.map((option) => [option.long, option]))
  let read: string[] = []
  for (let i = 0; i < rest.length; i++) {
    const arg = rest[i] as string
    if (arg === '--') return [name, ...read, ...rest.slice(i)]
    const { flag, value } = split(arg)
    const option = options.get(flag)
    if (option === undefined) read.push(arg)
    else if (option.isBoolean() && value !== undefined) {
      read = read.filter((one) => one !== flag)
      if (truth(command, option, value)) read.push(flag)
    } else if (value !== undefined) read.push(`${flag}=${value}`)
    else {
      read.push(flag)
      // Whatever it looks like, it is a value.
      const next = rest[i + 1]
      if (option.required && next !== undefined) {
        read.push(next)
        i++
      }
    }
  }
  return [name, ...read]
}

/** The flag as commander knows it, and what stands behind its `=`. */
function split(arg: string): { readonly flag: string; readonly value: string | undefined } {
  const [, name, value] = /^--?([a-z][\w.-]+)(?:=(.*))?$/is.exec(arg) ?? []
  const flag = name === undefined ? arg : `--${name}`
  return { flag: aliases[flag] ?? flag, value }
}

function truth(command: Command, { flags }: Option, value: string): boolean {
  const read = goBoolean(value)
  return read ?? command.error(`error: option '${flags}' argument '${value}' is invalid. Expected true or false.`)
}
