// The outbound queue: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as queue from '../queue.ts'
import { changes, reads } from '../operation.ts'

const none = z.strictObject({})

export const queueOperations = {
  'queue.list': reads('Deliveries, oldest first', { parameters: queue.listRequest, run: queue.listQueue }),
  'queue.summary': reads('The queue by destination', { parameters: none, run: queue.summary }),
  'queue.count': reads('How many deliveries a selection holds', { parameters: queue.countRequest, run: queue.count }),
  'queue.retry': changes('Tries the selected deliveries now', { parameters: queue.actRequest, run: queue.retry }),
  'queue.hold': changes('Holds the selected deliveries', { parameters: queue.holdRequest, run: queue.hold }),
  'queue.release': changes('Lets held deliveries go', { parameters: queue.actRequest, run: queue.release }),
  'queue.reroute': changes('Sends the selected deliveries another way', {
    parameters: queue.rerouteRequest,
    run: queue.reroute,
  }),
  'queue.drop': changes('Ends the selected deliveries without a notice', {
    parameters: queue.actRequest,
    run: queue.drop,
  }),
  'queue.bounce': changes('Ends the selected deliveries with a notice to the sender', {
    parameters: queue.actRequest,
    run: queue.bounce,
  }),
  'queue.edit': changes('Changes one delivery', { parameters: queue.editRequest, run: queue.edit }),
  'queue.pause': changes('Stops sending', { parameters: none, run: queue.pause }),
  'queue.flush': changes('Tries everything now', { parameters: none, run: queue.flush }),
  'queue.resume': changes('Goes on sending', { parameters: none, run: queue.resume }),
}
