// All chapters of the guide and entries of the FAQ.
import { sections as made } from 'virtual:guide'
import type { Section } from './book.ts'

export const sections = made as readonly Section[] // written by guide-plugin.ts
