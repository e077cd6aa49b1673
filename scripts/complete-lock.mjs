// Adds the entries of other platforms' optional packages that npm leaves out of package-lock.json when the registry it
// was written against does not serve them; npm ci refuses a lock without them. Run after each dependency change.
import fs from 'node:fs'

const file = process.argv[2] ?? 'package-lock.json'
const lock = JSON.parse(fs.readFileSync(file, 'utf8'))
const { packages } = lock
const systems = /android|darwin|freebsd|openbsd|netbsd|sunos|win32|windows|linux|openharmony|wasm32|aix/
const processors = /arm64|x64|ia32|arm|riscv64|ppc64|s390x|loong64/

for (const [key, entry] of Object.entries(packages)) {
  if (!key.includes('node_modules')) continue
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const top = `node_modules/${name}`
    if (packages[top] || packages[`${key}/${top}`]) continue
    const os = systems.exec(name)?.[0] ?? 'linux'
    const cpu = processors.exec(name)?.[0] ?? 'none'
    packages[top] = {
      version: version.replace(/^\D*/, ''),
      cpu: [os === 'wasm32' ? os : cpu],
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      ...(os === 'wasm32' ? {} : { os: [os === 'windows' ? 'win32' : os] }),
    }
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)))
fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
