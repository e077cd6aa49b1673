// The kinds of value that a setting may have, each with its default and its sentence. Called by the sections of settings.ts.
import { z } from 'zod'

export const ms = (value: number, text: string) => z.int().min(0).max(2_000_000_000).default(value).describe(text)
export const count = (value: number, min: number, text: string) => z.int().min(min).default(value).describe(text)
export const yes = (value: boolean, text: string) => z.boolean().default(value).describe(text)
export const text = (value: string, about: string) =>
  z
    .string()
    .max(255)
    .regex(/^[^\r\n\0]*$/)
    .default(value)
    .describe(about)
/** A list of texts of one form; `wrong` says what an entry must look like. */
export const texts = (form: RegExp, wrong: string, about: string) =>
  z.array(z.string().max(255).regex(form, wrong)).max(1000).default([]).describe(about)
/** https, or http to this machine; nothing that only looks so: http://localhost:x@far.example leads elsewhere. */
export const safeWebAddress =
  /^(?:https:\/\/[^/?#@]+|http:\/\/(?:127\.[0-9.]+|localhost|\[::1\])(?::[0-9]{1,5})?)(?:[/?#]|$)/
