import { z } from 'zod';
import type { Call } from './Call.ts';

const item = z.strictObject({
  name: z.string(),
  title: z.string().optional().meta({ description: 'For people' }),
  default: z.boolean().meta({ description: 'What a create gets that names none' }),
  image: z.string(),
  cpu: z.int().meta({ description: '1024 are a vCPU; what a create gets that asks for none' }),
  memory: z.int().meta({ description: 'MiB, likewise' }),
  gpu: z.int().optional(),
  architecture: z.enum(['X86_64', 'ARM64']).optional(),
  ephemeral_gib: z.int().optional(),
});

/** What may be created. */
export type ProfileItem = z.infer<typeof item>;

const answer = z.strictObject({ success: z.literal(true), items: z.array(item).readonly() });
const example: ProfileItem = {
  name: 'workbench-1.4',
  title: 'Workbench 1.4',
  default: true,
  image: 'registry.example.net/workbench:1.4',
  cpu: 1024,
  memory: 2048,
};

export const profileCalls: readonly Call[] = [
  {
    name: 'listProfiles',
    method: 'get',
    path: '/profiles',
    summary: 'What may be created: images, and what they run on',
    answers: {
      200: { description: 'For everybody', body: { schema: answer, example: { success: true, items: [example] } } },
    },
    failures: [],
  },
];
