import { z } from 'zod';
import type { Answer, Call } from './Call.ts';

const healthy = (status: 'ok' | 'ready'): Answer => ({
  description: 'It does',
  body: {
    schema: z.strictObject({ success: z.literal(true), status: z.literal(status) }),
    example: { success: true, status },
  },
});

export const healthCalls: readonly Call[] = [
  {
    name: 'isAlive',
    method: 'get',
    path: '/healthz',
    summary: 'Whether this process answers',
    open: true,
    answers: { 200: healthy('ok') },
    failures: [],
  },
  {
    name: 'isReady',
    method: 'get',
    path: '/readyz',
    summary: 'Whether the cloud does',
    open: true,
    answers: { 200: healthy('ready') },
    failures: ['cloud_refused', 'cloud_unavailable'],
  },
];
