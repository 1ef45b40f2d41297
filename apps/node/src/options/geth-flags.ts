import { type Command, Option } from 'commander'

/**
 * Flags of geth v1.17.8 that mean nothing to a node that executes nothing, so that a command line of geth's can be used
 * here. Not among them is what would change whom the node meets or what it does in the end, such as `--override.osaka` or
 * `--config`: to go on without it would not be what its user asked for.
 */
const valued = [
  ...['syncmode', 'gcmode', 'state.scheme', 'db.engine', 'remotedb', 'datadir.ancient', 'datadir.era'],
  ...['datadir.minfreedisk', 'bintrie.groupdepth'],
  ...['history.state', 'history.trienode', 'history.trienode.full-value-checkpoint', 'history.transactions'],
  ...['history.chain', 'history.logs', 'history.logs.export'],
  ...['cache', 'cache.database', 'cache.trie', 'cache.gc', 'cache.snapshot', 'cache.blocklogs'],
  ...['fdlimit', 'memorylimit', 'gogc', 'crypto.kzg', 'debug.logslowblock'],
  ...['txpool.locals', 'txpool.journal', 'txpool.rejournal', 'txpool.pricelimit', 'txpool.pricebump'],
  ...['txpool.accountslots', 'txpool.globalslots', 'txpool.accountqueue', 'txpool.globalqueue', 'txpool.lifetime'],
  ...['blobpool.datadir', 'blobpool.datacap', 'blobpool.pricebump', 'blobpool.fetchprobability'],
  ...['miner.gaslimit', 'miner.gasprice', 'miner.extradata', 'miner.recommit', 'miner.pending.feeRecipient'],
  ...['miner.maxblobs', 'gpo.blocks', 'gpo.percentile', 'gpo.maxprice', 'gpo.ignoreprice'],
  ...['keystore', 'password', 'signer', 'pcscdpath', 'ethstats', 'vmtrace', 'vmtrace.jsonconfig'],
  ...['rpc.gascap', 'rpc.evmtimeout', 'rpc.txfeecap', 'rpc.logquerylimit', 'rpc.rangelimit'],
  ...['rpc.txsync.defaulttimeout', 'rpc.txsync.maxtimeout', 'rpc.batch-request-limit', 'rpc.batch-response-max-size'],
  ...['rpc.http-body-limit', 'rpc.telemetry.endpoint', 'rpc.telemetry.username', 'rpc.telemetry.password'],
  ...['rpc.telemetry.instance-id', 'rpc.telemetry.tags', 'rpc.telemetry.sample-ratio', 'engine.maxreorgdepth'],
  ...['authrpc.addr', 'authrpc.port', 'authrpc.vhosts', 'authrpc.jwtsecret'],
  ...['beacon.api', 'beacon.api.header', 'beacon.threshold', 'beacon.config', 'beacon.genesis.gvroot'],
  ...['beacon.genesis.time', 'beacon.checkpoint', 'beacon.checkpoint.file'],
  ...[
    'graphql.corsdomain',
    'graphql.vhosts',
    'pyroscope.server',
    'pyroscope.username',
    'pyroscope.password',
    'pyroscope.tags',
  ],
  ...['metrics.influxdb.endpoint', 'metrics.influxdb.database', 'metrics.influxdb.username'],
  ...['metrics.influxdb.password', 'metrics.influxdb.tags', 'metrics.influxdb.interval', 'metrics.influxdb.token'],
  ...['metrics.influxdb.bucket', 'metrics.influxdb.organization'],
  ...['vmodule', 'log.vmodule', 'log.format', 'log.file', 'log.maxsize', 'log.maxbackups', 'log.maxage'],
  ...['pprof.port', 'pprof.addr', 'pprof.memprofilerate', 'pprof.blockprofilerate', 'pprof.cpuprofile'],
  'go-execution-trace',
] as const

/** Those that need no value, but may have one: `--snapshot=false`. */
const switches = [
  ...['snapshot', 'snap.v2', 'usb', 'lightkdf', 'history.logs.disable', 'state.size-tracking'],
  ...['cache.noprefetch', 'cache.noprecompile', 'cache.preimages', 'txpool.nolocals', 'graphql', 'vmdebug'],
  ...['vmwitnessstats', 'stateless-self-validation', 'rpc.allow-unprotected-txs', 'rpc.telemetry', 'beacon.nofilter'],
  ...['metrics.influxdb', 'metrics.influxdbv2', 'log.json', 'log.rotate', 'log.compress', 'pprof', 'pyroscope'],
] as const

const options: readonly Option[] = [
  ...valued.map((name) => new Option(`--${name} <value>`)),
  ...switches.map((name) => new Option(`--${name} [enabled]`).preset('true')),
].map((option) => option.hideHelp())

/** They are taken, but neither shown in the help nor suggested. */
export function addIgnoredGethFlags(command: Command): Command {
  for (const option of options) command.addOption(option)
  return command
}

/** Which of them were given. */
export function ignoredGethFlags(given: object): string[] {
  return options
    .filter((option) => option.attributeName() in given)
    .map(({ long }) => long ?? '')
    .toSorted()
}
