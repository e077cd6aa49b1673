// What is spoken on the control socket: JSON, a line each. Used by both of its ends.
import type net from 'node:net'
import { join } from 'node:path'

export type Call = { readonly name: string; readonly parameters: unknown; readonly progress?: boolean }
export type Progress = { readonly share: number; readonly words?: string | undefined }
/** `temporary`: trouble on our side, not of who asked. */
export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string; readonly temporary?: boolean }

/** Asked of a server in place of an operation: whether it was told to stop. */
export const endingCall: Call = { name: 'is-ending', parameters: {} }

const lineCharsMax = 67_108_864 // a world of 100,000 mailboxes
export const socketPath = (folder: string): string => join(folder, 'control.sock')

export function eachLine(socket: net.Socket, take: (line: string) => void): void {
  let begun = '' // no line end in it: a long line is looked through once
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => {
    const [first = '', ...more] = String(chunk).split('\n')
    begun += first
    for (const next of more) {
      take(begun)
      begun = next
    }
    if (begun.length > lineCharsMax) socket.destroy()
  })
}
