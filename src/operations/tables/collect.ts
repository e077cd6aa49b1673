// Remote accounts: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as collect from '../collect.ts'
import { named } from '../collect-find.ts'
import * as collectLook from '../collect-look.ts'
import { listProviders } from '../collect-presets.ts'
import * as collectSignIn from '../collect-sign-in.ts'
import * as collectWork from '../collect-work.ts'
import { changes, reads } from '../operation.ts'

const none = z.strictObject({})

export const collectOperations = {
  'collect.add': changes('Adds a remote account', { parameters: collect.collectRequest, run: collect.addCollect }),
  'collect.set': changes('Changes a remote account', { parameters: collect.collectRequest, run: collect.setCollect }),
  'collect.confirm-delete': changes('Allows deletions on the remote server after a change of identity', {
    parameters: named,
    run: collect.confirmDelete,
  }),
  'collect.remove': changes('Removes a remote account; its mail stays', {
    parameters: collect.removeRequest,
    run: collect.removeCollect,
  }),
  'collect.pause': changes('Stops collecting an account', { parameters: named, run: collect.pauseCollect }),
  'collect.resume': changes('Goes on collecting an account', { parameters: named, run: collect.resumeCollect }),
  'collect.providers': reads('What is known of the large providers', { parameters: none, run: listProviders }),
  'collect.list': reads('The remote accounts, without their passwords', {
    parameters: collectLook.listRequest,
    run: collectLook.listCollect,
  }),
  'collect.show': reads('One remote account', { parameters: named, run: collectLook.showCollect }),
  'collect.status': reads('What each account does and did last', {
    parameters: collectLook.statusRequest,
    run: collectLook.collectStatus,
  }),
  'collect.log': reads('The past runs of an account', {
    parameters: collectLook.logRequest,
    run: collectLook.collectLog,
  }),
  'collect.stayed': reads('Messages that stayed on the remote server, and why', {
    parameters: named,
    run: collectLook.listStayed,
  }),
  'collect.duplicates': reads('Messages not stored because they were here already', {
    parameters: named,
    run: collectLook.listDuplicates,
  }),
  'collect.run': changes('Collects an account now', { parameters: named, run: collectWork.runCollect }),
  'collect.cancel': changes('Ends a run', { parameters: named, run: collectWork.cancelCollect }),
  'collect.test': reads('Tries to log in and tells the transcript, secrets masked', {
    parameters: collect.collectRequest,
    run: collectWork.testCollect,
  }),
  'collect.browse': reads('What lies in the remote box, without retrieving', {
    parameters: collectWork.browseRequest,
    run: collectWork.browseCollect,
  }),
  'collect.copies': reads('Which of the remote messages are here', {
    parameters: collectWork.copiesRequest,
    run: collectWork.copiesHere,
  }),
  'collect.act': changes('Fetches, deletes or ignores single remote messages', {
    parameters: collectWork.actRequest,
    run: collectWork.actCollect,
  }),
  'collect.mark-all': changes('Counts everything in the remote box as fetched', {
    parameters: named,
    run: collectWork.markAllCollect,
  }),
  'collect.adopt': changes('Takes mail that is here already for fetched', {
    parameters: collectWork.adoptRequest,
    run: collectWork.adoptCollect,
  }),
  'collect.sign-in-begin': changes('Begins to sign in at a provider', {
    parameters: collectSignIn.beginRequest,
    run: collectSignIn.beginSignIn,
  }),
  'collect.sign-in-finish': changes('Ends signing in at a provider', {
    parameters: collectSignIn.finishRequest,
    run: collectSignIn.finishSignIn,
  }),
}
