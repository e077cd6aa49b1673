// The page begins here.
import { mount } from 'svelte'
import '../styles/tokens.css'
import '../styles/console.css'
import '../styles/page.css'
import App from './App.svelte'
import { applyTheme } from './theme.svelte.ts'

applyTheme()
mount(App, { target: document.body })
