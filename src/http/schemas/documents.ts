import { z } from 'zod';
import type { Call } from './Call.ts';

export const documentCalls: readonly Call[] = [
  {
    name: 'getDescription',
    method: 'get',
    path: '/openapi.json',
    summary: 'This description',
    open: true,
    answers: { 200: { description: 'OpenAPI 3.1', body: { schema: z.looseObject({ openapi: z.string() }) } } },
    failures: [],
  },
  {
    name: 'readDocuments',
    method: 'get',
    path: '/docs/',
    summary: 'A page to read this description and try it',
    open: true,
    answers: { 200: { description: 'For browsers', body: { schema: z.string(), type: 'text/html' } } },
    failures: [],
  },
];
