// Every command but `serve`, which needs none of them.
import type { Command } from 'commander'
import { addBackup } from './backup.ts'
import { addRest, addSettings } from './care.ts'
import { addCollect } from './collect.ts'
import { addCompact } from './compact.ts'
import { addCertificate, addLog } from './machine.ts'
import { addMessage } from './message.ts'
import { addAdmin, addAudit, addSessions, addTokens } from './people.ts'
import { addAccess } from './access.ts'
import { addAddress, addDomain, addMailbox } from './program.ts'
import { addQueue } from './queue.ts'
import { addDrafts } from './drafts.ts'
import { addSend } from './send.ts'
import { addRestore } from './restore.ts'
import { addService } from './service.ts'
import { addConnections, addStatus } from './status.ts'
import { addAlternate, addRelay, addRoute } from './relay.ts'
import { addTutorial } from './tutorial.ts'
import { addTrace } from './trace.ts'

/** In the order in which the help names them. */
export function addCommands(program: Command): void {
  addService(program)
  addMailbox(program)
  addMessage(program)
  addDomain(program)
  addAddress(program)
  addAccess(program)
  addRelay(program)
  addAlternate(program)
  addRoute(program)
  addSend(program)
  addDrafts(program)
  addQueue(program)
  addCollect(program)
  addBackup(program)
  addRestore(program)
  addCompact(program)
  addSettings(program)
  addStatus(program)
  addConnections(program)
  addCertificate(program)
  addLog(program)
  addAdmin(program)
  addSessions(program)
  addTokens(program)
  addAudit(program)
  addTrace(program)
  addRest(program)
  addTutorial(program)
}
