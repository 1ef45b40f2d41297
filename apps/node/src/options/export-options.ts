import type { Command } from 'commander'
import { addImportOptions, type ImportCommandOptions } from './common.ts'

/** The options of `ethwire export`. */
export interface ExportCommandOptions extends ImportCommandOptions {
  readonly force?: true
}

export function addExportOptions(command: Command): Command {
  return addImportOptions(command).option('--force', 'replace a file that is there')
}
