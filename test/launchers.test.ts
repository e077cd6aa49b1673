// The two commands that start the program: the one of the sources, and the one that the build writes.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What is said to node, in order. */
const flagsIn = (file: string): readonly string[] =>
  /exec "\$node" ((?:--\S+ |\$sooner )*)/.exec(readFileSync(file, 'utf8'))?.[1]?.trim().split(' ') ?? []

test('the published command and that of the sources start node with the same flags', () => {
  const here = flagsIn('netcruiser')
  assert.ok(here.some((flag) => flag.startsWith('--max-semi-space-size=')))
  assert.deepEqual(flagsIn('scripts/build.ts'), here)
})

test('serve, and no other command, has code compiled sooner, with flags that this engine knows', () => {
  const [here, built] = ['netcruiser', 'scripts/build.ts'].map((file) =>
    /case \$1 in serve\) sooner="([^"]+)" ;; \*\) sooner= ;; esac\n/.exec(readFileSync(file, 'utf8')),
  )
  assert.ok(here && built)
  assert.equal(built[1], here[1])
  const { status, stderr } = spawnSync(process.execPath, [...here[1]!.split(' '), '--version'], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
})

test('both use one allocator for all threads, unless somebody has said otherwise', () => {
  for (const file of ['netcruiser', 'scripts/build.ts']) {
    const text = readFileSync(file, 'utf8').replaceAll('\\$', '$') // a template in one of them
    assert.match(
      text,
      /\nGLIBC_TUNABLES=\$\{GLIBC_TUNABLES:-glibc\.malloc\.arena_max=1\}\nexport GLIBC_TUNABLES\n(?:[#c].*\n)*exec /,
    )
  }
})
