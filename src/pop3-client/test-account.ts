// Tries an account, saved or not: signs in, looks what is there, signs out. Called by collector.ts. Changes nothing, and its
// lines hold no secret.
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type { RemoteBox } from './box.ts'
import { enter, type EnterParts } from './enter.ts'
import { testLinesMax } from './limits.ts'
import type { TestReport } from './types.ts'

export async function testAccount(parts: EnterParts, settings: RemoteAccount): Promise<TestReport> {
  const lines: string[] = []
  const failed = (words: string): TestReport => ({
    ok: false,
    lines: [...lines, words],
    messages: null,
    bytes: null,
    advice: [],
  })
  const note = (line: string): void => void (lines.length < testLinesMax && lines.push(line))
  const opened = await enter(parts, { id: null, settings }, { note })
  if (opened.is === 'failed') return failed(opened.trouble.words)
  const { box } = opened
  const answer = await box.list()
  const advice = adviceOf(box, answer.is === 'listed' && answer.listing.messages.some(({ uid }) => uid !== null))
  await box.leave()
  if (answer.is !== 'listed') return failed(answer.trouble.words)
  const { messages } = answer.listing
  const bytes = messages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return { ok: true, lines, messages: messages.length, bytes, advice }
}

function adviceOf({ facts }: RemoteBox, hasUids: boolean): string[] {
  const advice: string[] = []
  const { expireDays, loginDelaySeconds, tls, top } = facts
  if (tls === null) advice.push('Nothing protects the password and the mail on the way: use TLS if the server can')
  else if (!tls.verified)
    advice.push(`The server does not prove who it is: ${tls.why ?? 'its certificate was not checked'}`)
  if (expireDays === 0)
    advice.push('The server says that it deletes messages once they were read') // PC-31
  else if (expireDays !== null) advice.push(`The server says that it deletes messages after ${expireDays} days`)
  if (loginDelaySeconds > 0)
    advice.push(`The server wants ${loginDelaySeconds} s between two logins: the interval is at least that`)
  if (!hasUids)
    advice.push(
      top
        ? 'The server tells no UIDs: messages are recognised by their header sections'
        : 'The server tells neither UIDs nor header sections: messages can only be fetched and deleted',
    )
  return advice
}
