// The sentence under the title. Pure.
import type { Answer } from '../../app/api.ts'
import type { Status } from '../../app/status.svelte.ts'
import type { overviewTexts } from '../../texts/overview.ts'

type Problems = Answer<'problems.list'>['open']

/** "All four parts are running. One thing needs you; one is for you to know." */
export function stateSentence(
  t: ReturnType<typeof overviewTexts>,
  { parts, startedAt }: Status,
  open: Problems,
): string {
  if (startedAt === null) return t.stopped
  const services = parts.filter(({ part }) => part !== 'console')
  const running = services.filter(({ says }) => !['stopped', 'not-asked', 'nothing-listens'].includes(says.code)).length
  const needs = open.filter(({ severity }) => severity === 'problem').length
  const notices = open.length - needs
  const head = running === services.length ? t.allRun : t.someRun(running)
  if (open.length === 0) return `${head} ${t.allWell}`
  if (needs === 0) return `${head} ${t.onlyToKnow(notices)}`
  return `${head} ${t.needYou(needs)}${notices === 0 ? '' : `; ${t.toKnow(notices)}`}.`
}
