// Sentences of the server that name an entry of the FAQ: `(see FAQ: port-25-blocked)`, `see port-busy in docs/faq.md`. Pure.

const named = / ?\(see FAQ: ([a-z0-9-]+)\)|:? see ([a-z0-9-]+) in docs\/faq\.md/

/** The sentence without the name, and the entry that it leads to. */
export function faqIn(sentence: string): { readonly words: string; readonly entry: string | null } {
  const match = named.exec(sentence)
  return { words: sentence.replace(named, ''), entry: match?.[1] ?? match?.[2] ?? null }
}
