// Hands one message to the server of this machine and reads it again, by the ports that everybody uses. Run by systemd.test.ts inside.
import { deliver, readFirst } from './small-talk.ts'

process.stdout.write(await deliver('127.0.0.1:25', 'ann@example.org'))
process.stdout.write(await readFirst('127.0.0.1:110', 'ann', 'secret'))
