// The questions of the first set-up, and how far it is: kept in the setting console.welcome, so that it goes on where it was
// left. Pure.

export const questions = ['name', 'domain', 'mailbox', 'out', 'devices', 'check'] as const
export type Question = (typeof questions)[number]
export type Answered = 'done' | 'skipped'

/** From the setting. A later answer counts. */
export function answersOf(setting: readonly string[]): ReadonlyMap<Question, Answered> {
  const answers = new Map<Question, Answered>()
  for (const one of setting) {
    const [, how, question] = /^(done|skipped) (.+)$/.exec(one) ?? []
    if (how !== undefined) answers.set(question as Question, how as Answered) // the schema of the setting
  }
  return answers
}

/** For the setting. */
export const settingOf = (answers: ReadonlyMap<Question, Answered>): string[] =>
  questions.flatMap((question) => (answers.has(question) ? [`${answers.get(question)} ${question}`] : []))

/** The first that nobody has answered; null: all are. */
export const nextOf = (answers: ReadonlyMap<Question, Answered>): Question | null =>
  questions.find((question) => !answers.has(question)) ?? null

/** `example.org` of `mail.example.org`; of a name without a dot nothing. */
export const domainOf = (hostname: string): string => /^[^.]+\.([^.]+\..+)$/.exec(hostname)?.[1] ?? ''
