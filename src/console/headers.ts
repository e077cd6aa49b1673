// The fields that every answer of the console carries. Nothing is loaded from elsewhere, nothing runs that is not ours. WEB-01, WEB-13

/** For the page itself. Scripts and styles are files of ours; what mail can fill is text. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types svelte-trusted-html',
].join('; ')
/** For everything that is not a page. */
export const dataPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

export function safeHeaders(secure: boolean): Record<string, string> {
  return {
    'content-security-policy': dataPolicy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...(secure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
}
