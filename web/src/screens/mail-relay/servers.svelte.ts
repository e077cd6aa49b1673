// The alternate mail servers as the server has them; the routes and the list of servers look at the same.
import { call, type Answer } from '../../app/api.ts'

export type Server = Answer<'alternate.list'>[number]

class Servers {
  list = $state.raw<readonly Server[]>([])
  async load(): Promise<void> {
    this.list = await call('alternate.list')
  }
}
export const servers = new Servers()
