// Sends a file with a number of how much of it is gone: fetch does not tell, XMLHttpRequest does.

export type Uploading<T> = { readonly answer: Promise<T>; stop(): void }

/** @throws an Error in the server's words; 'stopped' by `stop` */
export function uploadFile<T>(path: string, file: Blob, onSent: (bytes: number) => void): Uploading<T> {
  const request = new XMLHttpRequest()
  const answer = new Promise<T>((resolve, reject) => {
    request.open('POST', path)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.responseType = 'json'
    request.upload.addEventListener('progress', ({ loaded }) => onSent(loaded))
    request.addEventListener('load', () => {
      const value = request.response as { title?: string; detail?: string } | null // what the server answers
      if (request.status === 200) resolve(value as T)
      else reject(new Error(value?.detail || value?.title || `HTTP ${request.status}`))
    })
    request.addEventListener('error', () => reject(new Error('The server does not answer.')))
    request.addEventListener('abort', () => reject(new Error('stopped')))
    request.send(file)
  })
  return { answer, stop: () => request.abort() }
}
