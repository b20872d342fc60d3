import { type TSchema, Type } from 'typebox'
import type { ItemKind, Priority } from '../inbox/item.ts'
import { expecting, type HookEvent, MaybeText, nothing, type Reading } from './event.ts'

/** GitHub leaves a part out, or says null. */
const Maybe = <Part extends TSchema>(part: Part) => Type.Optional(Type.Union([part, Type.Null()]))

const Repository = Type.Object({ full_name: Type.String(), default_branch: MaybeText })

const Finished = Type.Object({
  id: Type.Number(),
  head_branch: MaybeText,
  head_sha: MaybeText,
  conclusion: MaybeText,
  updated_at: MaybeText,
})

const WorkflowRun = Type.Object({
  action: Type.String(),
  repository: Repository,
  workflow_run: Type.Intersect([
    Finished,
    Type.Object({
      name: MaybeText,
      workflow_id: Type.Number(),
      run_attempt: Type.Optional(Type.Number()),
      html_url: MaybeText,
      display_title: MaybeText,
    }),
  ]),
})

const CheckSuite = Type.Object({
  action: Type.String(),
  repository: Repository,
  check_suite: Type.Intersect([
    Finished,
    Type.Object({
      app: Maybe(Type.Object({ slug: MaybeText, name: MaybeText })),
    }),
  ]),
})

const Alert = Type.Object({
  action: Type.String(),
  repository: Repository,
  alert: Type.Object({
    number: Type.Number(),
    html_url: MaybeText,
    security_advisory: Maybe(
      Type.Object({ summary: Type.String(), severity: Type.String(), ghsa_id: MaybeText }),
    ),
    dependency: Maybe(
      Type.Object({
        manifest_path: MaybeText,
        package: Maybe(Type.Object({ name: Type.String(), ecosystem: MaybeText })),
      }),
    ),
    rule: Maybe(
      Type.Object({
        description: MaybeText,
        severity: MaybeText,
        security_severity_level: MaybeText,
      }),
    ),
    secret_type_display_name: MaybeText,
    secret_type: MaybeText,
  }),
})

const Issue = Type.Object({
  action: Type.String(),
  repository: Repository,
  issue: Type.Object({
    number: Type.Number(),
    title: Type.String(),
    body: MaybeText,
    html_url: MaybeText,
    user: Maybe(Type.Object({ login: Type.String() })),
  }),
})

/** A delivery of GitHub; `event` is its header X-GitHub-Event. */
export const readGitHub = (payload: unknown, event: string | undefined): Reading => {
  switch (event) {
    case 'ping':
      return nothing('GitHub says hello: the webhook works')
    case 'workflow_run':
      return workflowRun(payload)
    case 'check_suite':
      return checkSuite(payload)
    case 'dependabot_alert':
    case 'code_scanning_alert':
    case 'secret_scanning_alert':
      return securityAlert(payload, event)
    case 'issues':
      return issue(payload)
    default:
      return nothing(
        event ? `Events of ${event.slice(0, 60)} are not taken` : 'There is no X-GitHub-Event',
      )
  }
}

const workflowRun = (payload: unknown): Reading => {
  const {
    action,
    repository,
    workflow_run: run,
  } = expecting(WorkflowRun, payload, 'a workflow_run event of GitHub')
  const name = run.name ?? `workflow ${run.workflow_id}`
  return finished(action, repository, run, {
    subject: `workflow ${run.workflow_id}`,
    occurrence: `${run.id}.${run.run_attempt ?? 1}`,
    name,
    title: run.display_title ?? '',
    url: run.html_url ?? undefined,
  })
}

/** Those of Actions are told, better, as workflow_run. */
const checkSuite = (payload: unknown): Reading => {
  const {
    action,
    repository,
    check_suite: suite,
  } = expecting(CheckSuite, payload, 'a check_suite event of GitHub')
  const app = suite.app?.slug ?? 'checks'
  if (app === 'github-actions') return nothing('Suites of GitHub Actions are told as workflow_run')
  return finished(action, repository, suite, {
    subject: `checks ${app}`,
    occurrence: String(suite.id),
    name: suite.app?.name ?? app,
    title: '',
    url: suite.head_sha
      ? `https://github.com/${repository.full_name}/commit/${suite.head_sha}/checks`
      : undefined,
  })
}

/** How a conclusion ends up here; what is not named (cancelled, skipped, neutral, stale) is nothing. */
const conclusions: Record<string, ItemKind> = {
  success: 'ok',
  failure: 'failed',
  startup_failure: 'failed',
  action_required: 'failed',
  timed_out: 'timeout',
}

const finished = (
  action: string,
  { full_name, default_branch }: { full_name: string; default_branch?: string | null },
  run: { head_branch?: string | null; conclusion?: string | null; updated_at?: string | null },
  said: {
    subject: string
    occurrence: string
    name: string
    title: string
    url?: string | undefined
  },
): Reading => {
  if (action !== 'completed') return nothing(`It is ${action.slice(0, 40)}, not completed`)
  const kind = conclusions[run.conclusion ?? '']
  if (!kind) return nothing(`It ended ${run.conclusion?.slice(0, 40) ?? 'without a conclusion'}`)
  const branch = run.head_branch ?? 'no branch'
  const good = kind === 'ok'
  const ended = good ? 'succeeded' : String(run.conclusion).replaceAll('_', ' ')
  const event: HookEvent = {
    subject: `${full_name} ${said.subject} ${branch}`,
    occurrence: `${said.occurrence} ${run.conclusion}`,
    state: good ? 'good' : 'bad',
    kind,
    // On a branch of its own it is its author's, who has heard of it.
    priority: default_branch && branch !== default_branch ? 'low' : 'normal',
    about: full_name,
    title: `${full_name}: ${said.name} ${ended} on ${branch}`,
    text: said.title,
    isRoutine: true,
    url: said.url,
    since: run.updated_at ?? undefined,
    facts: { branch, workflow: said.name },
  }
  return { events: [event], ignored: null }
}

const ends = ['fixed', 'dismissed', 'auto_dismissed', 'resolved', 'closed_by_user']
const begins = [
  'created',
  'reopened',
  'reintroduced',
  'auto_reopened',
  'reopened_by_user',
  'publicly_leaked',
]

const securityAlert = (payload: unknown, event: string): Reading => {
  const { action, repository, alert } = expecting(Alert, payload, `a ${event} event of GitHub`)
  const good = ends.includes(action)
  if (!good && !begins.includes(action)) return nothing(`Its action is ${action.slice(0, 40)}`)
  const { full_name } = repository
  const what = alert.security_advisory
    ? `${alert.dependency?.package?.name ?? 'a dependency'}: ${alert.security_advisory.summary}`
    : (alert.rule?.description ??
      alert.secret_type_display_name ??
      alert.secret_type ??
      `alert ${alert.number}`)
  const severity =
    alert.security_advisory?.severity ??
    alert.rule?.security_severity_level ??
    (event === 'secret_scanning_alert' ? 'critical' : 'medium')
  return {
    events: [
      {
        subject: `${full_name} ${event} ${alert.number}`,
        occurrence: null,
        state: good ? 'good' : 'bad',
        kind: good ? 'ok' : 'note',
        priority: good ? 'normal' : priorityOf(severity, event),
        about: full_name,
        title: good
          ? `${full_name}: security alert ${alert.number} is ${action.replaceAll('_', ' ')}`
          : `${full_name}: ${severity} security alert, ${what}`,
        text: good ? what : (alert.dependency?.manifest_path ?? ''),
        url: alert.html_url ?? undefined,
        facts: { severity, event, number: String(alert.number) },
      },
    ],
    ignored: null,
  }
}

/** A leaked secret is used within minutes; the rest can wait for the morning. */
const priorityOf = (severity: string, event: string): Priority => {
  if (event === 'secret_scanning_alert') return 'critical'
  return severity === 'low' ? 'low' : 'normal'
}

const issue = (payload: unknown): Reading => {
  const { action, repository, issue } = expecting(Issue, payload, 'an issues event of GitHub')
  if (action !== 'opened' && action !== 'reopened')
    return nothing(`The issue is ${action.slice(0, 40)}; opened and reopened ones are taken`)
  const { full_name } = repository
  return {
    events: [
      {
        subject: `${full_name} issue ${issue.number}`,
        occurrence: null,
        state: 'note',
        kind: 'note',
        priority: 'normal',
        about: full_name,
        title: `${full_name}#${issue.number} ${action}: ${issue.title}`,
        text: issue.body ?? '',
        url: issue.html_url ?? undefined,
        ...(issue.user ? { facts: { by: issue.user.login } } : {}),
      },
    ],
    ignored: null,
  }
}
