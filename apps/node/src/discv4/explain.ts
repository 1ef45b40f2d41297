import { attached } from '../attach.ts'
import type { ExplainOptions } from '../options/discv4-options.ts'
import { printJson, printLine } from '../output.ts'
import { explainText } from './explain-text.ts'

/** `ethwire discv4 explain NODE` */
export function explain(node: string, options: ExplainOptions): Promise<number> {
  return attached(options, async (call) => {
    const explained = await call('discv4_explain', [node])
    if (options.json) await printJson(explained)
    else await printLine(explainText(explained))
  })
}
