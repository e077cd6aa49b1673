// Remote accounts: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import { anyOwner, ownView } from '../authority.ts'
import * as collect from '../collect.ts'
import { named } from '../collect-find.ts'
import * as collectLook from '../collect-look.ts'
import { listProviders } from '../collect-presets.ts'
import * as collectSignIn from '../collect-sign-in.ts'
import * as collectWork from '../collect-work.ts'
import { changes, reads } from '../operation.ts'

const none = z.strictObject({})

export const collectOperations = {
  'collect.add': changes('Adds a remote account', {
    parameters: collect.collectRequest,
    owner: ownView,
    run: collect.addCollect,
  }),
  'collect.set': changes('Changes a remote account', {
    parameters: collect.collectRequest,
    owner: ownView,
    run: collect.setCollect,
  }),
  'collect.confirm-delete': changes('Allows deletions on the remote server after a change of identity', {
    parameters: named,
    owner: ownView,
    run: collect.confirmDelete,
  }),
  'collect.remove': changes('Removes a remote account; its mail stays', {
    parameters: collect.removeRequest,
    owner: ownView,
    run: collect.removeCollect,
  }),
  'collect.pause': changes('Stops collecting an account', {
    parameters: named,
    owner: ownView,
    run: collect.pauseCollect,
  }),
  'collect.resume': changes('Goes on collecting an account', {
    parameters: named,
    owner: ownView,
    run: collect.resumeCollect,
  }),
  'collect.providers': reads('What is known of the large providers', {
    parameters: none,
    owner: anyOwner,
    run: listProviders,
  }),
  'collect.list': reads('The remote accounts, without their passwords', {
    parameters: collectLook.listRequest,
    owner: ownView,
    run: collectLook.listCollect,
  }),
  'collect.show': reads('One remote account', { parameters: named, owner: ownView, run: collectLook.showCollect }),
  'collect.status': reads('What each account does and did last', {
    parameters: collectLook.statusRequest,
    owner: ownView,
    run: collectLook.collectStatus,
  }),
  'collect.log': reads('The past runs of an account', {
    parameters: collectLook.logRequest,
    owner: ownView,
    run: collectLook.collectLog,
  }),
  'collect.stayed': reads('Messages that stayed on the remote server, and why', {
    parameters: named,
    owner: ownView,
    run: collectLook.listStayed,
  }),
  'collect.duplicates': reads('Messages not stored because they were here already', {
    parameters: named,
    owner: ownView,
    run: collectLook.listDuplicates,
  }),
  'collect.run': changes('Collects an account now', { parameters: named, owner: ownView, run: collectWork.runCollect }),
  'collect.cancel': changes('Ends a run', { parameters: named, owner: ownView, run: collectWork.cancelCollect }),
  'collect.test': reads('Tries to log in and tells the transcript, secrets masked', {
    parameters: collect.collectRequest,
    owner: ownView,
    run: collectWork.testCollect,
  }),
  'collect.browse': reads('What lies in the remote box, without retrieving', {
    parameters: collectWork.browseRequest,
    owner: ownView,
    run: collectWork.browseCollect,
  }),
  'collect.copies': reads('Which of the remote messages are here', {
    parameters: collectWork.copiesRequest,
    owner: ownView,
    run: collectWork.copiesHere,
  }),
  'collect.act': changes('Fetches, deletes or ignores single remote messages', {
    parameters: collectWork.actRequest,
    owner: ownView,
    run: collectWork.actCollect,
  }),
  'collect.mark-all': changes('Counts everything in the remote box as fetched', {
    parameters: named,
    owner: ownView,
    run: collectWork.markAllCollect,
  }),
  'collect.adopt': changes('Takes mail that is here already for fetched', {
    parameters: collectWork.adoptRequest,
    owner: ownView,
    run: collectWork.adoptCollect,
  }),
  'collect.sign-in-begin': changes('Begins to sign in at a provider', {
    parameters: collectSignIn.beginRequest,
    owner: ownView,
    run: collectSignIn.beginSignIn,
  }),
  'collect.sign-in-finish': changes('Ends signing in at a provider', {
    parameters: collectSignIn.finishRequest,
    owner: ownView,
    run: collectSignIn.finishSignIn,
  }),
}
