import { type Answer, type AnswerHeader, type Call, failuresOfUsers } from './Call.ts';
import { logText, reading } from './logs.ts';
import { opening, openingAnswer } from './opening.ts';
import { eventExample, eventText, following, gone, polling } from './waiting.ts';
import { changing, commanding, creating, type Item, item, itemAnswer, itemsAnswer, listing } from './workbenches.ts';

const example: Item = {
  user_id: 'ann',
  workbench_id: '0a1b2c3d4e5f60718',
  workbench_name: 'Analysis',
  status: 'running',
  public_endpoint: 'https://cloud.example.net/project/0a1b2c3d4e5f60718',
  requested_cpu: 1024,
  requested_memory: 2048,
  profile: 'default',
  image: 'registry.example.net/workbench:1.4',
  update_available: false,
  created_at: '2026-11-25T08:30:00.000Z',
  status_age_ms: 412,
};

const onItsWay: Partial<Item> = {
  status: 'provisioning',
  starting: { step: 'provisioning', since: '2026-11-25T08:30:00.412Z' },
};

const cached: readonly AnswerHeader[] = ['ETag', 'Age'];
const found = (description: string, of: Partial<Item> = {}): Answer => ({
  description,
  body: { schema: itemAnswer, example: { success: true, item: { ...example, ...of } } },
});
const unchanged: Answer = { description: 'The reader has it already (`If-None-Match`)', headers: cached };
const one = '/workbenches/{workbench_id}';

export const workbenchCalls: readonly Call[] = [
  {
    name: 'listWorkbenches',
    method: 'get',
    path: '/workbenches',
    summary: 'A user’s workbenches, oldest first',
    description:
      'For operators with `all=true` all users’, page by page; `limit`, `cursor`, `status` and `q` go with it.',
    input: listing,
    answers: {
      200: {
        description: 'Those being destroyed are left out',
        body: { schema: itemsAnswer, example: { success: true, items: [example] } },
      },
      304: unchanged,
    },
    failures: failuresOfUsers,
  },
  {
    name: 'createWorkbench',
    method: 'post',
    path: '/workbenches',
    summary: 'Creates a workbench and starts it',
    description:
      'After a 503, or no answer at all, send the same request with the same `Idempotency-Key` again: it is made once. While what it made is being destroyed that is a 409.',
    input: creating,
    answers: { 201: found('It is made, and on its way', onItsWay) },
    failures: [...failuresOfUsers, 'destroying', 'idempotency_key_reused', 'no_capacity', 'quota_exceeded'],
  },
  {
    name: 'getWorkbench',
    method: 'get',
    path: one,
    summary: 'One workbench; with `wait`, at its next change',
    input: polling,
    answers: { 200: { ...found('As it is now'), headers: cached }, 304: unchanged },
    failures: [...failuresOfUsers, 'not_found', 'too_many'],
  },
  {
    name: 'changeWorkbench',
    method: 'patch',
    path: one,
    summary: 'Renames a workbench, or changes its profile or size',
    description:
      'All or nothing. What runs goes on as it is: `update_available` says that the next start will make something else of it.',
    input: changing,
    answers: { 200: found('As it is from now on', { workbench_name: 'Analysis 2' }) },
    failures: [...failuresOfUsers, 'not_found', 'destroying', 'profile_gone'],
  },
  {
    name: 'destroyWorkbench',
    method: 'delete',
    path: one,
    summary: 'Destroys a workbench and all its data',
    description:
      'Accepted in every state. The workbench is `destroying` until its data are gone, then 404. Another DELETE is fine.',
    input: commanding,
    answers: { 200: found('It leaves the list at once', { status: 'destroying' }) },
    failures: [...failuresOfUsers, 'not_found'],
  },
  {
    name: 'followWorkbench',
    method: 'get',
    path: `${one}/events`,
    summary: 'The workbench at every change, as server-sent events',
    description:
      'Events without a name carry the workbench as JSON, the first one at once; the event `gone` carries its `workbench_id` and is the last. A comment comes every 15 s. Who comes back with `Last-Event-ID` hears nothing that it knows.',
    input: following,
    answers: {
      200: {
        description: 'A stream without an end, unless `until` gives it one',
        body: {
          schema: eventText,
          type: 'text/event-stream',
          example: eventExample(example),
          events: { message: item, gone },
        },
      },
    },
    failures: [...failuresOfUsers, 'not_found', 'too_many'],
  },
  {
    name: 'readLog',
    method: 'get',
    path: `${one}/logs`,
    summary: 'What the workbench printed last',
    description: 'Of its last run, also after its end; two seconds old at most.',
    input: reading,
    answers: {
      200: {
        description: 'The last lines',
        body: { schema: logText, type: 'text/plain', example: 'Serving on port 3000\nGET / 200\n' },
      },
    },
    failures: [...failuresOfUsers, 'not_found', 'no_logs'],
  },
  {
    name: 'openWorkbench',
    method: 'post',
    path: `${one}/open`,
    summary: 'A URL that lets a browser into a workbench',
    description: 'Ask for it when the user clicks, and send the browser there: it serves once, for a minute.',
    input: opening,
    answers: { 200: openingAnswer },
    failures: [...failuresOfUsers, 'not_found', 'destroying', 'open_unavailable'],
  },
  {
    name: 'startWorkbench',
    method: 'post',
    path: `${one}/start`,
    summary: 'Starts a workbench',
    description: 'Does nothing if it is running or on its way.',
    input: commanding,
    answers: { 200: found('It is on its way', onItsWay) },
    failures: [
      ...failuresOfUsers,
      'not_found',
      'destroying',
      'stopping',
      'broken_record',
      'profile_gone',
      'size_unavailable',
      'no_capacity',
      'quota_exceeded',
    ],
  },
  {
    name: 'stopWorkbench',
    method: 'post',
    path: `${one}/stop`,
    summary: 'Stops a workbench; its files stay',
    description: 'Does nothing if it is stopped.',
    input: commanding,
    answers: { 200: found('It goes down', { status: 'deactivating' }) },
    failures: [...failuresOfUsers, 'not_found', 'destroying', 'broken_record'],
  },
];
