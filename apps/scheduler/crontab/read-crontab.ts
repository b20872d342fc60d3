/** A job of a crontab, as the lines above it have set it up. */
export type CrontabJob = {
  /** From 1. */
  line: number
  /** Five fields or a nickname, as written. */
  when: string
  /** The shell's line, up to the first unescaped %. */
  command: string
  /** What comes after it: the program's input. Null when there is none. */
  input: string | null
  /** The comment right above it. */
  comment: string | null
  env: Record<string, string>
}

export type CrontabLine = { line: number; text: string }

export type Crontab = {
  jobs: CrontabJob[]
  /** Lines that say nothing a crontab can say. */
  unreadable: CrontabLine[]
  /** Jobs that stand behind a "#". */
  commentedOut: CrontabLine[]
}

const setting = /^([A-Za-z_][A-Za-z0-9_]*|"[^"]*"|'[^']*')\s*=\s*(.*)$/
const job = /^(@[A-Za-z]+|(?:\S+\s+){4}\S+)\s+(.*)$/
const field = /^[\d*/,\-A-Za-z~]+$/

/** Reads what `crontab -l` prints, as Vixie's cron and cronie do. A line sets what is below it. */
export const readCrontab = (text: string): Crontab => {
  const crontab: Crontab = { jobs: [], unreadable: [], commentedOut: [] }
  const env: Record<string, string> = {}
  let comment: string[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1
    const content = raw.trim()
    if (content === '') comment = []
    else if (content.startsWith('#')) {
      const said = content.replace(/^#+\s?/, '')
      if (isJob(said)) crontab.commentedOut.push({ line, text: said })
      else comment.push(said)
    } else if (setting.test(content) && !isJob(content)) {
      const [, name = '', value = ''] = setting.exec(content) ?? []
      env[unquoted(name)] = unquoted(value)
      comment = []
    } else if (isJob(content)) {
      const [, when = '', rest = ''] = job.exec(content) ?? []
      const above = comment.join('\n').trim()
      const [command = '', ...input] = atPercents(rest)
      crontab.jobs.push({
        line,
        when: when.replace(/\s+/g, ' '),
        command: command.trim(),
        input: input.length > 0 ? input.join('\n').replace(/\n?$/, '\n') : null,
        comment: above === '' ? null : above,
        env: { ...env },
      })
      comment = []
    } else {
      crontab.unreadable.push({ line, text: content })
      comment = []
    }
  }
  return crontab
}

const isJob = (text: string): boolean => {
  const when = job.exec(text)?.[1]
  if (when === undefined) return false
  if (when.startsWith('@')) return true
  // A sentence has five words too; a schedule begins with two numbers, stars or lists of them.
  const [minute = '', hour = '', ...others] = when.split(/\s+/)
  return [minute, hour].every((one) => /^[\d*]/.test(one)) && others.every((one) => field.test(one))
}

const unquoted = (text: string): string => /^(["'])(.*)\1$/.exec(text.trim())?.[2] ?? text.trim()

/** An unescaped % ends a line; "\%" is one. */
const atPercents = (text: string): string[] =>
  text.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'))
