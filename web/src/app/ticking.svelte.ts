// The time as it passes, for countdowns: whoever reads it is shown anew twice a second, and nothing ticks when nobody does.
import { createSubscriber } from 'svelte/reactivity'

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 500)
  return () => clearInterval(timer)
})

export function ticking(): number {
  subscribe()
  return Date.now()
}
