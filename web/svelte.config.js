// Svelte without a preprocessor: the scripts are TypeScript that only needs its types taken off.
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte'

export default { preprocess: vitePreprocess(), compilerOptions: { runes: true } }
