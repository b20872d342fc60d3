import { StringDecoder } from 'node:string_decoder'

/** Bytes → whole lines; the rest waits for its end. */
export const lineReader = () => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return (bytes: Uint8Array): string[] => {
    const lines = (rest + decoder.write(bytes)).split('\n')
    rest = lines.pop() ?? ''
    return lines
  }
}
