// Compiles src and bin to dist, which is what npm publishes. Imports of `#/room/x.ts` and the files of worker threads become
// `.js`; the package.json of dist says where `#/` is. Types are checked by `npm test`, not here.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
for (const file of globSync('dist/**/*.js')) {
  const text = readFileSync(file, 'utf8')
  const mapped = text
    .replace(/(['"])(#\/[^'"\n]+)\.ts\1/g, '$1$2.js$1')
    .replace(/new URL\((['"])(\.\/[^'"\n]+)\.ts\1/g, 'new URL($1$2.js$1')
  if (mapped !== text) writeFileSync(file, mapped)
}
writeFileSync('dist/package.json', `${JSON.stringify({ type: 'module', imports: { '#/*': './src/*' } })}\n`)

// The command: it looks for the Node that npm installed beside the package. Its flags: decision 18.
const launcher = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
node=$here/../../../.bin/node
[ -x "$node" ] || node=node
GLIBC_TUNABLES=\${GLIBC_TUNABLES:-glibc.malloc.arena_max=1}
export GLIBC_TUNABLES
case $1 in serve) sooner="--invocation-count-for-turbofan=600 --no-maglev --minimum-invocations-after-ic-update=100 --no-memory-reducer" ;; *) sooner= ;; esac
exec "$node" --max-semi-space-size=4 --no-parallel-scavenge $sooner "$here/netcruiser.js" "$@"
`
writeFileSync('dist/bin/netcruiser', launcher)
chmodSync('dist/bin/netcruiser', 0o755)
copyFileSync('bin/sendmail', 'dist/bin/sendmail')
spawnSync(process.execPath, ['scripts/build-page.ts'], { stdio: 'inherit' })
cpSync('web/dist', 'dist/web/dist', { recursive: true })
