import { type Command, InvalidArgumentError } from 'commander'
import { listPrices, priceWords } from '../storage/archive-prices.ts'
import { addCommand, type CommonFlags } from './add-command.ts'
import { flagOf, priceNames, type ReportFlags } from './storage/price-flags.ts'
import type { Tools } from './tools.ts'

export function addStorageCommands(program: Command, tools: Tools): void {
  const storage = program.command('storage').description('where brand files and media are kept')
  addCommand(storage, {
    name: 'check',
    description: 'try it out, and compare a bucket with what it should be; ends with 1 where something is missing',
    examples: ['storage check'],
  }).action(async (flags: CommonFlags) => {
    const { checkStorage } = await import('./storage/check-storage.ts')
    await checkStorage(tools.config().storage, flags)
  })
  addCommand(storage, {
    name: 'apply',
    description: 'set what a bucket lacks, as far as its server supports it; needs a login that may change the bucket',
    examples: ['storage apply'],
  }).action(async (flags: CommonFlags) => {
    const { applyStorage } = await import('./storage/check-storage.ts')
    await applyStorage(tools.config().storage, flags)
  })
  const report = addCommand(storage, {
    name: 'report [slug]',
    description: 'what a site keeps, or every site, and what the archive saves and costs by its sizes and ages',
    examples: ['storage report', 'storage report camara-mezochi --price-standard 0.0245'],
  })
  for (const name of priceNames) report.option(`${flagOf(name)} <dollars>`, priceWords[name], dollars, listPrices[name])
  report.action(async (slug: string | undefined, flags: ReportFlags) => {
    const { reportStorage } = await import('./storage/report.ts')
    await reportStorage(tools, slug, flags)
  })
}

function dollars(text: string): number {
  if (!/^\d{1,6}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError('A price is a number of dollars, such as 0.023.')
  return Number(text)
}
