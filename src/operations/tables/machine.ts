// The certificate and the log: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as certificate from '../certificate.ts'
import * as log from '../log.ts'
import { changes, reads } from '../operation.ts'

const none = z.strictObject({})

export const machineOperations = {
  'certificate.show': reads('The certificate of the server: names, issuer, until when', {
    parameters: none,
    answer: certificate.certificateShown,
    run: certificate.showCertificate,
  }),
  'certificate.replace': changes('Puts a certificate and its key in place of the old ones, at once', {
    parameters: certificate.replaceRequest,
    answer: certificate.certificateShown,
    run: certificate.replaceCertificate,
  }),
  'certificate.renew-own': changes('Makes a new self-signed certificate for the names of this server', {
    parameters: none,
    answer: certificate.certificateShown,
    run: certificate.renewOwn,
  }),
  'log.recent': reads('The last lines of the log, newest first', {
    parameters: log.logRequest,
    answer: log.logPage,
    run: log.recentLog,
  }),
  'log.level': changes('Changes how much the log tells, until the next start', {
    parameters: log.levelRequest,
    answer: log.levelShown,
    run: log.setLevel,
  }),
}
