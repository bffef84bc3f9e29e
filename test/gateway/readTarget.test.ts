import { describe, expect, test } from '@jest/globals';
import { parseGatewayPath } from '../../src/gateway/readTarget.ts';

const wid = '0a1b2c3d4e5f60718';

describe('a path below /project', () => {
  test.each([
    [`/project/${wid}/`],
    [`/project/${wid}/lab?x=1`],
    [`/project/${wid}/../ffffffffffffffff/`],
    [`/project/${wid}/%2e%2e/ffffffffffffffff/`],
    [`/project/${wid}//`],
  ])('%s is the workbench of its second segment', (target) => {
    expect(parseGatewayPath('/project', target)).toMatchObject({ kind: 'workbench', workbenchId: wid, url: target });
  });

  test.each([
    ['/project'],
    ['/project?x=1'],
    ['/project/'],
    [`/project//${wid}/`],
    [`/project/../${wid}/`],
    [`/project/%30a1b2c3d4e5f60718/`],
    [`/project/${wid}%2f..%2fffffffffffffffff/`],
    [`/project/${wid}\\..\\ffffffffffffffff/`],
    [`/project/${wid.toUpperCase()}/`],
    [`/project/${wid};a/`],
    ['/project/0a1b2c3/'],
    [`/project/${'a'.repeat(41)}/`],
    [`/project/${wid}\n/`],
  ])('%j is no workbench', (target) => {
    expect(parseGatewayPath('/project', target)).toEqual({ kind: 'notFound' });
  });

  test.each([
    [`/project/${wid}`, `/project/${wid}/`],
    [`/project/${wid}?folder=/a&b=?`, `/project/${wid}/?folder=/a&b=?`],
    [`/project/${wid}#x`, `/project/${wid}/`],
  ])('%s is redirected to %s', (target, location) => {
    expect(parseGatewayPath('/project', target)).toEqual({ kind: 'redirect', location });
  });
});

test.each([['/'], ['/projects/x'], ['/workbenches'], [`http://host/project/${wid}/`], ['*']])(
  '%s is not the gateway’s',
  (target) => {
    expect(parseGatewayPath('/project', target)).toEqual({ kind: 'notOurs' });
  },
);

test('at the root of the host the gateway takes workbench ids and leaves all else', () => {
  expect(parseGatewayPath('', `/${wid}/x`)).toMatchObject({ kind: 'workbench', workbenchId: wid, rest: '/x' });
  expect(parseGatewayPath('', `/${wid}`)).toEqual({ kind: 'redirect', location: `/${wid}/` });
  expect(parseGatewayPath('', '/workbenches')).toEqual({ kind: 'notOurs' });
  expect(parseGatewayPath('', '/')).toEqual({ kind: 'notOurs' });
});
