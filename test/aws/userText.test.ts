import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import request from 'supertest';
import { awsModelsPresent, checkShape } from '../../local-cloud/test/support/awsModel.ts';
import { startTestCloud, type TestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import { eventually } from '../support/eventually.ts';
import { recordWire, type Wire, type WireCall } from '../support/recordWire.ts';
import { createScriptedRuntime } from '../support/scriptedRuntime.ts';
import { startController, type TestController } from '../support/startController.ts';

/*
 * What users write (their id, a workbench's name, an idempotency key) ends in tags, environments and tokens. Whatever it
 * is: the local cloud takes it, AWS's models do, and it comes back as it was.
 */

let cloud: TestCloud;
let wire: Wire;
let controller: TestController;

beforeAll(async () => {
  cloud = await startTestCloud({ runtime: createScriptedRuntime() });
  wire = await recordWire(cloud.cloud.url);
  controller = await startController(wire.url);
});
afterAll(async () => {
  await controller.close();
  await wire[Symbol.asyncDispose]();
  await cloud[Symbol.asyncDispose]();
});

type Tag = Readonly<{ key?: string; Key?: string; value?: string; Value?: string }>;

/** What AWS says of tags in words, beside the models' patterns. */
function tagFaults({ call, body }: WireCall): string[] {
  const tags = (body['tags'] ?? body['Tags'] ?? []) as readonly Tag[];
  const texts = tags.flatMap(({ key, Key, value, Value }) => [key ?? Key ?? '', value ?? Value ?? '']);
  const faults = texts.filter((text) => /^aws:/iu.test(text) || text !== text.trim());
  return [...faults, ...(tags.length > 50 ? [`${tags.length} tags`] : [])].map((fault) => `${call}: ${fault}`);
}

function modelFaults({ call, body }: WireCall): string[] {
  if (!awsModelsPresent()) return [];
  if (/^[A-Z][A-Za-z]+$/.test(call)) return checkShape('ecs', `${call}Request`, body);
  if (call === 'POST /2015-02-01/access-points') return checkShape('efs', 'CreateAccessPointRequest', body);
  const [, ResourceId] = /^POST \/2015-02-01\/resource-tags\/(.*)$/.exec(call) ?? [];
  return ResourceId ? checkShape('efs', 'TagResourceRequest', { ...body, ResourceId }) : [];
}

const ascii = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
const word = fc.constantFrom('aws:', 'AWS:', 'Aws:', ' ', '=', '=20', ':', '%41', '"', '/');
/** Texts of so many characters, often made of what means something to AWS or to the codec. */
const textOf = (unit: fc.Arbitrary<string>, most: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.string({ unit, minLength: 1, maxLength: most, size: 'max' }),
      fc.array(fc.oneof(word, unit), { minLength: 1, maxLength: most }).map((parts) => parts.join('')),
      fc.tuple(fc.mixedCase(fc.constant('aws:')), fc.string({ unit, maxLength: most })).map((parts) => parts.join('')),
    )
    .map((text) => [...text].slice(0, most).join(''));

const userId = textOf(ascii, 128);
const printable = fc.oneof(ascii, fc.constantFrom('é', '漢', '😀', 'e\u0301', '\u00a0', '𝕏', 'ſ', '\u3000'));
const name = fc.option(
  textOf(printable, 64).filter((text) => text.trim() !== ''),
  { nil: undefined },
);
const key = fc.option(textOf(ascii, 255), { nil: undefined });

type Written = readonly [user: string, name: string | undefined, key: string | undefined];
const written: fc.Arbitrary<Written> = fc.tuple(userId, name, key);

/** A key of a user's that came before, with another name, is another test's. */
const several = fc.uniqueArray(written, {
  minLength: 4,
  maxLength: 8,
  selector: ([user, workbenchName, idempotencyKey]) => JSON.stringify([user, idempotencyKey?.trim() || workbenchName]),
});

const pathOf = (user: string, id = '') => `/workbenches${id}?user_id=${encodeURIComponent(user)}`;

async function create([user, workbenchName, idempotencyKey]: Written): Promise<string> {
  const creating = request(controller.url)
    .post(pathOf(user))
    .send(workbenchName === undefined ? {} : { workbench_name: workbenchName });
  // A header's blanks at the ends are not part of it.
  const header = idempotencyKey?.trim();
  if (header) creating.set('Idempotency-Key', header);
  const { body } = await creating;
  expect(body).toMatchObject({ success: true });
  return body.item.workbench_id;
}

async function destroy([user]: Written, id: string): Promise<void> {
  const api = () => request(controller.url);
  await api()
    .delete(pathOf(user, `/${id}`))
    .expect(200);
  const status = async () => (await api().get(pathOf(user, `/${id}`))).status;
  await eventually(status, (seen) => seen === 404);
}

test('what users write is taken by AWS and comes back as it was, whatever it is', async () => {
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(several, async (all) => {
      const ids = await Promise.all(all.map(create));
      // Another controller knows nothing but the records.
      const other = await startController(cloud.cloud.url);
      for (const [index, [user, workbenchName]] of all.entries()) {
        const id = ids[index];
        const { body } = await request(other.url).get(pathOf(user));
        const item = { user_id: user, workbench_id: id, workbench_name: workbenchName ?? `wb-${id}` };
        expect(body.items).toEqual(expect.arrayContaining([expect.objectContaining(item)]));
      }
      await other.close();
      await Promise.all(all.map((one, index) => destroy(one, ids[index] ?? '')));
      const calls = wire.calls.slice(asked);
      asked = wire.calls.length;
      expect(calls.flatMap((call) => [...tagFaults(call), ...modelFaults(call)])).toEqual([]);
    }),
    {
      numRuns: 6,
      examples: [
        [
          [
            ['aws:bob', 'AWS: mine', undefined],
            ['AWS:', 'aws:', 'aws:key'],
            [' ', undefined, undefined],
            ['"'.repeat(128), '😀'.repeat(64), '~'.repeat(255)],
          ],
        ],
      ],
    },
  );
});
