import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { type PriceList, readPrices } from './prices.ts'
import type { CostSettings } from './settings.ts'

/** The list in force, and what is wrong with it: a mistake costs a price, not the start. */
export type Prices = { prices: PriceList; problems: string[] }

/** Reads the price list where the settings say it is; without one nothing has a price of ours. */
export const loadPrices = ({ prices }: Pick<CostSettings, 'prices'>): Prices => {
  if ('list' in prices) return { prices: prices.list, problems: [] }
  if (!existsSync(prices.file))
    return { prices: {}, problems: prices.asked ? [`there is no file ${prices.file}`] : [] }
  try {
    return readPrices(parse(readFileSync(prices.file, 'utf8')) ?? {})
  } catch (error) {
    // Not to be read, or no YAML: said on the page of costs, and nothing is priced.
    return { prices: {}, problems: [(error as Error).message.split('\n')[0] ?? 'no YAML'] }
  }
}
