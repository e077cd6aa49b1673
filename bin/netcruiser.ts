// The command line's door.
import v8 from 'node:v8'
import { main } from '../src/cli/main.ts'

// The heap grows by a quarter of what is alive before all of it is collected, not to three times: decision 18.
v8.setFlagsFromString('--heap-growing-percent=25')

process.exitCode = await main(process.argv.slice(2))
