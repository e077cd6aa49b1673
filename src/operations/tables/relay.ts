// Where the Mail Relay sends: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as alternates from '../alternates.ts'
import * as relay from '../relay.ts'
import { testRelay, testRequest } from '../relay-test.ts'
import * as routes from '../routes.ts'
import { changes, reads } from '../operation.ts'

const none = z.strictObject({})

export const relayOperations = {
  'alternate.list': reads('The alternate mail servers, without their passwords', {
    parameters: none,
    run: alternates.listAlternates,
  }),
  'alternate.add': changes('Adds an alternate mail server', {
    parameters: alternates.alternateRequest,
    run: alternates.addAlternate,
  }),
  'alternate.set': changes('Changes an alternate mail server', {
    parameters: alternates.alternateRequest,
    run: alternates.setAlternate,
  }),
  'alternate.remove': changes('Removes an alternate mail server', {
    parameters: z.strictObject({ name: z.string(), force: z.boolean().default(false) }),
    run: alternates.removeAlternate,
  }),
  'route.list': reads('The exceptions from the usual routes', { parameters: none, run: routes.listRoutes }),
  'route.add': changes('Adds an exception', { parameters: routes.routeRequest, run: routes.addRoute }),
  'route.remove': changes('Removes an exception', {
    parameters: z.strictObject({ number: z.int().min(1) }),
    run: routes.removeRoute,
  }),
  'route.move': changes('Moves an exception up or down', {
    parameters: z.strictObject({ number: z.int().min(1), to: z.int().min(1) }),
    run: routes.moveRoute,
  }),
  'relay.show': reads('The routes in their order, in words', { parameters: none, run: relay.showRelay }),
  'relay.explain': reads('Which way a message would go, with live DNS, without sending', {
    parameters: z.strictObject({ to: z.string(), from: z.string().default('<>'), client: z.string().default('') }),
    run: relay.explainRelay,
  }),
  'relay.test': reads('Tries a real connection and tells the transcript, secrets masked', {
    parameters: testRequest,
    run: testRelay,
  }),
}
