// The command line's nouns for the certificate and the log.
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { CertificateShown } from '#/operations/certificate.ts'
import { lineText, type LogLine } from '#/world/node/log-ring.ts'
import { list, localTime, visible } from './print.ts'
import { count } from './sizes.ts'
import { defined, shown, verb, type Show } from './verb.ts'

export function addCertificate(program: Command): void {
  const noun = program.command('certificate').description('the certificate for TLS').exitOverride()
  verb(noun, 'show', {
    about: 'show its names, issuer and until when it is good',
    does: 'certificate.show',
    example: 'certificate show',
    ask: () => ({}),
    show: showCertificate,
  })
  verb(noun, 'replace <cert> <key>', {
    about: 'take these files (PEM; the certificate, then its chain) in place of the old ones, at once',
    does: 'certificate.replace',
    example: 'certificate replace fullchain.pem privkey.pem',
    ask: ([cert, key], o) =>
      defined({ cert: readFileSync(cert!, 'utf8'), key: readFileSync(key!, 'utf8'), anyName: o['anyName'] }),
    show: showCertificate,
  }).option('--any-name', 'though it is not made for the name of this server')
  verb(noun, 'renew-own', {
    about: 'make a new self-signed one for the names of this server',
    does: 'certificate.renew-own',
    example: 'certificate renew-own',
    ask: () => ({}),
    show: showCertificate,
  })
}

const showCertificate: Show = ({ certificate, hostname, files }: CertificateShown) => {
  if (certificate === null) return `There is no usable certificate in ${files.cert}: TLS is off`
  const { names, until, from, own, coversName, inUse, ...row } = certificate
  return list({
    names: names.join(', '),
    ...row,
    from: localTime(from),
    until: localTime(until),
    ...(own && { self_signed: 'yes, programs warn about it' }),
    ...(!coversName && { warning: `not made for ${hostname}` }),
    ...(!inUse && { in_use: 'after a restart' }),
    files: `${files.cert} ${files.key}`,
  })
}

export function addLog(program: Command): void {
  const noun = program.command('log').description('the last lines of the log of the running server').exitOverride()
  verb(noun, 'show [text]', {
    about: 'print its last lines, those with a text in them',
    does: 'log.recent',
    example: 'log show pop3 --level warn',
    ask: ([text], o) => defined({ text, level: o['level'], limit: count(o['limit']) }),
    show: ({ rows }: { rows: LogLine[] }) =>
      rows.length === 0 ? 'There is no such line' : rows.toReversed().map(lineText).map(visible).join('\n'),
  })
    .option('--level <level>', 'only this level and those above: info, warn, error')
    .option('--limit <n>', 'how many, 100 unless told')
  verb(noun, 'level <level>', {
    about: 'change how much is told, until the next start: debug, info, warn, error',
    does: 'log.level',
    example: 'log level warn',
    ask: ([level]) => ({ level }),
    show: shown,
  })
}
