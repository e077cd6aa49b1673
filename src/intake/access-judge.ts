// May this client send to other servers? First matching rule in order of position wins. Called by open.ts at RCPT.
export type AccessResult =
  | { readonly is: 'allow'; readonly rule: number; readonly method: string; readonly senders: readonly string[] }
  | { readonly is: 'deny'; readonly rule: number | null; readonly method: string }
  | { readonly is: 'unknown'; readonly why: string }
