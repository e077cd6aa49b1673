// What a mail program does over POP3, in a few words: ask, take the lines up to the dot, sign in as ann.
import assert from 'node:assert/strict'
import { connect, whole, type Cut, type WireClient } from './wire-client.ts'

export async function ask(client: WireClient, command: string): Promise<string> {
  await client.send(`${command}\r\n`)
  return (await client.line()) ?? '<closed>'
}

/** The lines of an answer up to its final dot. */
export async function listed(client: WireClient): Promise<string[]> {
  const lines: string[] = []
  for (let line = await client.line(); line !== '.'; line = await client.line()) {
    assert.notEqual(line, null, 'the answer breaks off')
    lines.push(line!)
  }
  return lines
}

export async function login(client: WireClient, name: string, password: string): Promise<string> {
  assert.equal(await ask(client, `USER ${name}`), '+OK')
  return ask(client, `PASS ${password}`)
}

export async function greeted(port: number, cut: Cut = whole): Promise<WireClient> {
  const client = await connect(port, cut)
  assert.match((await client.line()) ?? '', /^\+OK /)
  return client
}

export async function entered(port: number, cut: Cut = whole): Promise<WireClient> {
  const client = await greeted(port, cut)
  assert.match(await login(client, 'ann', 'ann secret'), /^\+OK /)
  return client
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64')
