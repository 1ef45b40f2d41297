import { type Command, InvalidArgumentError, Option } from 'commander'

const dialPolicies = ['geth-2026', 'geth-2018'] as const

/** The options of `ethwire run` that say how peers are chosen and dealt with; geth has none of them. */
export interface PeeringOptions {
  readonly staticonly?: true
  readonly 'dial.policy': (typeof dialPolicies)[number]
  readonly reputation?: true
  readonly dropper?: true
  /** Bytes a second, as all of these. */
  readonly 'bandwidth.upload'?: number
  readonly 'bandwidth.download'?: number
  readonly 'bandwidth.upload.peer'?: number
  readonly 'bandwidth.download.peer'?: number
}

export function addPeeringOptions(command: Command): Command {
  const bandwidth = (flag: string, what: string): Option =>
    new Option(`${flag} <bytes>`, `${what}, in bytes a second, such as 500k or 2M (not a flag of geth)`).argParser(
      bytes,
    )
  return command
    .option('--staticonly', 'no peers but static and trusted ones, whoever dials (not a flag of geth)')
    .addOption(
      new Option(
        '--dial.policy <policy>',
        'whom to dial, and when: as geth does today, or as 1.8 did (not a flag of geth)',
      )
        .choices(dialPolicies)
        .default(dialPolicies[0]),
    )
    .option(
      '--reputation',
      'have nothing to do for a while with nodes that misbehave; trusted and static ones are spared (not a flag of geth)',
    )
    .option(
      '--dropper',
      'while all places are taken, let a peer go every 3 to 7 minutes, as geth always does (not a flag of geth)',
    )
    .addOption(bandwidth('--bandwidth.upload', 'what all peers together may be sent'))
    .addOption(bandwidth('--bandwidth.download', 'what all peers together may send'))
    .addOption(bandwidth('--bandwidth.upload.peer', 'what each peer may be sent'))
    .addOption(bandwidth('--bandwidth.download.peer', 'what each peer may send'))
}

const units: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }
/** Less would not do for pings and a Status. */
const minBytes = 1_000

function bytes(text: string): number {
  const [, count, unit = ''] = /^(\d{1,12})([kmg]?)$/i.exec(text) ?? []
  const value = Number(count) * (units[unit.toLowerCase()] ?? Number.NaN)
  if (!(value >= minBytes)) throw new InvalidArgumentError('Expected bytes a second from 1000, such as 500k or 2M.')
  return value
}
