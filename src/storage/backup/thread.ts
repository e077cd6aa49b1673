// The thread of one long work on a backup: it tells how much is done, then what came of it. Started by work.ts, which may end it
// at any moment; what it leaves behind then is removed there.
import { parentPort, workerData } from 'node:worker_threads'
import { inWords } from './files.ts'
import { verifyBackup, type VerifyJob } from './verify.ts'
import { writeBackup, type WriteJob } from './write.ts'

export type Job = WriteJob | VerifyJob
export type Said =
  | { readonly share: number; readonly words: string }
  | { readonly done: unknown }
  | { readonly failed: { readonly kind: 'full' | 'failed'; readonly message: string } }

const shareStep = 0.005
let told = -1

function onShare(share: number, words: string): void {
  if (share - told < shareStep) return
  told = share
  say({ share, words })
}

const say = (said: Said): void => parentPort?.postMessage(said)

async function work(job: Job): Promise<unknown> {
  if (job.kind === 'write') return writeBackup(job, onShare)
  return verifyBackup(job.folder, (share) => onShare(share, 'Reading it'))
}

const job = workerData as Job // given by work.ts
work(job).then(
  (done) => say({ done }),
  (error: unknown) => {
    const { kind, message } = inWords(error, job.kind === 'write' ? job.to : job.folder)
    say({ failed: { kind: kind === 'full' ? 'full' : 'failed', message } })
  },
)
