import { createInterface } from 'node:readline'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'

/* The program behind tokens.ts: each line of its input a JSON list of texts, each line of its
   output the list of their tokens. It ends with its input. */

// What looks like a control token in a text is text.
const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() }

for await (const line of createInterface({ input: process.stdin })) {
  const texts = JSON.parse(line) as string[]
  process.stdout.write(`${JSON.stringify(texts.map((text) => countTokens(text, asText)))}\n`)
}
