// What may be wrong with the certificate. In the list of problem-sources.ts.
import { covers, isOwn, readCertificate } from './certificate.ts'
import type { Context } from './context.ts'
import { goTo, notice, problem, type Found } from './problem-shapes.ts'

const dayMs = 86_400_000
export const certificateDaysMin = 21

export function certificateProblems({ folder, hostname, world }: Context): Found[] {
  const certificate = readCertificate(folder)
  const more = { action: goTo('/settings/certificates', 'certificate'), learn: 'guide#tls-certificate' }
  if (certificate === null) return [problem({ id: 'certificate', code: 'certificate-none', ...more })]
  const untilAt = certificate.validToDate.getTime()
  const days = Math.floor((untilAt - world.clock.now()) / dayMs)
  const facts = certificate.fingerprint256
  const values = { untilAt, days, hostname }
  const found: Found[] = []
  if (days < 0) found.push(problem({ id: 'certificate', code: 'certificate-expired', values, facts, ...more }))
  else if (days < certificateDaysMin)
    found.push(notice({ id: 'certificate', code: 'certificate-ending', values, facts, ...more }))
  if (!covers(certificate, hostname))
    found.push(notice({ id: 'certificate-name', code: 'certificate-name', values: { hostname }, ...more }))
  if (isOwn(certificate))
    found.push(
      notice({ id: 'certificate-own', code: 'certificate-own', ...more, learn: 'faq#certificate-not-trusted' }),
    )
  return found
}
