// Builds the page of the console into web/dist. Nothing is loaded from elsewhere, nothing is inlined: the page's policy forbids it.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { guide } from './guide-plugin.ts'

export default defineConfig({
  plugins: [svelte(), guide()],
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { proxy: { '/api': 'http://127.0.0.1:8025' } },
})
