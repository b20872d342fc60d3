import { stripVTControlCharacters } from 'node:util'

const ESC = '\u001b'
const BEL = '\u0007'

/** Sequences that carry a string (OSC, DCS, SOS, PM, APC), also when their end is missing. */
const strings = new RegExp(
  `(?:${ESC}[\\]PX^_]|[\u0090\u0098\u009d-\u009f])[^${BEL}${ESC}\u009c]*(?:${BEL}|${ESC}\\\\|\u009c|$)`,
  'g',
)

/**
 * Control characters but tab and newline; bidi controls, zero-width characters, tags. A joiner
 * between two pictures stays: with it they are one.
 */
const invisible =
  /(?![\t\n])(?!(?<=\p{Extended_Pictographic}[\u{fe0f}\u{1f3fb}-\u{1f3ff}]?)\u200d(?=\p{Extended_Pictographic}))[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * Text as it may be shown: no terminal sequences, no control, bidi or zero-width characters but inside a joined emoji.
 * A carriage return means what it does on a screen: what follows overwrites the line.
 */
export const plainText = (text: string): string =>
  stripVTControlCharacters(text.toWellFormed().replace(strings, ''))
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.split('\r').findLast((part) => part !== '') ?? '')
    .join('\n')
    .replace(invisible, '')
