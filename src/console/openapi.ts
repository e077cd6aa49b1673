// The document of the API, made from the very schemas that check what comes in. OpenAPI 3.1
import { z } from 'zod'
import { operations } from '#/operations/table.ts'
import { downloads } from '#/operations/tables/downloads.ts'
import { uploads } from '#/operations/tables/uploads.ts'

type Json = Record<string, unknown>

const problem = {
  description: 'What went wrong, in words (RFC 9457)',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        required: ['title', 'status', 'detail'],
        properties: { title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' } },
      },
    },
  },
}
const answers = (schema: Json): Json => ({
  200: { description: 'Done', content: { 'application/json': { schema } } },
  default: problem,
})
const schemaOf = (schema: z.ZodType | undefined, io: 'input' | 'output'): Json =>
  schema ? (z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json) : {} // a JSON schema is an object

let made: Json | null = null

/** Made once: it does not change while the program runs. */
export const openApiDocument = (): Json => (made ??= document())

function document(): Json {
  const paths: Json = {}
  for (const [name, { about, kind, parameters, answer, local, owner }] of operations)
    if (!local)
      paths[`/api/v1/${name.replace('.', '/')}`] = {
        post: {
          operationId: name,
          summary: about,
          'x-kind': kind,
          'x-owners': owner !== undefined,
          requestBody: { content: { 'application/json': { schema: schemaOf(parameters, 'input') } } },
          responses: answers(schemaOf(answer, 'output')),
        },
      }
  for (const [name, { about, parameters }] of downloads)
    paths[`/api/v1/download/${name}`] = {
      get: { operationId: `download.${name}`, summary: about, parameters: queryOf(parameters), responses: octets },
    }
  for (const [name, { about, parameters, answer }] of uploads)
    paths[`/api/v1/upload/${name}`] = {
      post: {
        operationId: `upload.${name}`,
        summary: about,
        parameters: queryOf(parameters),
        requestBody: { content: { 'application/octet-stream': {} } },
        responses: answers(schemaOf(answer, 'output')),
      },
    }
  return {
    openapi: '3.1.0',
    info: { title: 'NetCruiser Mail', version: '1' },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'netcruiser' },
      },
    },
  }
}

const octets = { 200: { description: 'The octets', content: { 'application/octet-stream': {} } }, default: problem }

function queryOf(schema: z.ZodType): Json[] {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as { properties?: Json; required?: string[] } // of an object schema
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: one,
  }))
}
