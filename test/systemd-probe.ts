// Tries what the server must not be able to do, and what it must. Run by systemd.test.ts in the server's place, under its unit.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'

const attempts: Readonly<Record<string, () => unknown>> = {
  'read shadow': () => readFileSync('/etc/shadow'),
  'read a letter of ann': () => readFileSync('/home/ann/letter'),
  'list the home of root': () => readdirSync('/root'),
  'write to etc': () => writeFileSync('/etc/mine', ''),
  'write to the program': () => writeFileSync('/opt/netcruiser/mine', ''),
  'see the first process': () => readFileSync('/proc/1/status'),
  'end the first process': () => process.kill(1),
  'become root': () => process.setuid?.(0),
  'write to the mail': () => writeFileSync('/var/lib/netcruiser/mine', ''),
  'listen on port 25': () => once(createServer().listen(25, '127.0.0.1').unref(), 'listening'),
}
for (const [name, attempt] of Object.entries(attempts))
  try {
    await attempt()
    console.log(`${name}: yes`)
  } catch {
    console.log(`${name}: no`)
  }
