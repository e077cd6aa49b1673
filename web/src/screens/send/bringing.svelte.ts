// Files on their way to the server, each with how much of it has gone; any of them can be stopped.
import { ApiError, type Answer } from '../../app/api.ts'

export type Attached = Answer<'draft.show'>['attached'][number]

export class Bringing {
  readonly name: string
  readonly sizeBytes: number
  readonly done: Promise<Attached>
  sent = $state(0)
  readonly #request = new XMLHttpRequest() // fetch tells nothing of what has gone

  constructor(draft: string, file: File) {
    this.name = file.name
    this.sizeBytes = file.size
    this.done = this.#bring(draft, file)
  }

  stop(): void {
    this.#request.abort()
  }

  #bring(draft: string, file: File): Promise<Attached> {
    const about = new URLSearchParams({ draft, name: file.name, type: file.type, size: String(file.size) })
    const request = this.#request
    return new Promise((resolve, reject) => {
      request.upload.addEventListener('progress', ({ loaded }) => (this.sent = loaded))
      request.addEventListener('load', () => {
        if (request.status === 200) return resolve(JSON.parse(request.responseText) as Attached) // what the upload answers
        reject(problemOf(request))
      })
      request.addEventListener('error', () => reject(new ApiError(0, 'No connection', '')))
      request.addEventListener('abort', () => reject(stopped))
      request.open('POST', `/api/v1/upload/draft-attachment?${about}`)
      request.setRequestHeader('content-type', 'application/octet-stream')
      request.send(file)
    })
  }
}

export const stopped = new Error('stopped')

function problemOf({ status, responseText }: XMLHttpRequest): ApiError {
  try {
    const { title = '', detail = '' } = JSON.parse(responseText) as { title?: string; detail?: string }
    return new ApiError(status, title, detail)
  } catch {
    return new ApiError(status, '', responseText.slice(0, 200))
  }
}
