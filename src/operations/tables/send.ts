// Sending from here: what the command line, the control socket and the console may ask for.
import * as send from '../send.ts'
import { changes } from '../operation.ts'

export const sendOperations = {
  send: changes('Makes a message and queues it', { parameters: send.sendRequest, run: send.send }),
  'send.raw': changes('Queues a complete message', { parameters: send.sendRawRequest, run: send.sendRaw }),
}
