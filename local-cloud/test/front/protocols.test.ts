import { DescribeClustersCommand, ListTasksCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import {
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  DescribeAccessPointsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-efs';
import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../src/awsError.ts';
import { efsBindings } from '../../src/front/efsProtocol.ts';
import type { Operation } from '../../src/operation.ts';
import { awsModel, awsModelsPresent } from '../support/awsModel.ts';
import { startTestFront } from './startTestFront.ts';

function recorder(output: object = {}): { operation: Operation; inputs: unknown[] } {
  const inputs: unknown[] = [];
  return {
    inputs,
    operation: (input) => {
      inputs.push(input);
      return output;
    },
  };
}

function post(url: string, target: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  const wire = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target, ...headers };
  return fetch(url, { method: 'POST', headers: wire, body });
}

const prefix = 'AmazonEC2ContainerServiceV20141113.';

describe('ECS', () => {
  test('a call of the SDK reaches its operation with its members, and the answer comes back with its dates', async () => {
    const listTasks = recorder({ taskArns: ['arn'], nextToken: 'more' });
    const runTask = recorder({ tasks: [{ taskArn: 'arn', createdAt: 1700000000.5 }], failures: [] });
    await using front = await startTestFront({ ecs: { ListTasks: listTasks.operation, RunTask: runTask.operation } });

    const listed = await front.ecs.send(new ListTasksCommand({ cluster: 'c', maxResults: 7 }));
    const run = await front.ecs.send(new RunTaskCommand({ taskDefinition: 't:1', clientToken: 'once' }));

    expect(listed).toMatchObject({ taskArns: ['arn'], nextToken: 'more' });
    expect(listTasks.inputs).toEqual([{ cluster: 'c', maxResults: 7 }]);
    expect(run.tasks?.[0]?.createdAt).toEqual(new Date(1700000000500));
    expect(runTask.inputs).toEqual([{ taskDefinition: 't:1', clientToken: 'once' }]);
    expect(run.$metadata.requestId).toBe('request-2');
  });

  test('a refusal is the error of that name to the SDK, with its members', async () => {
    const refuse: Operation = () => {
      throw new AwsError('ConflictException', 'Other parameters', 400, { resourceIds: ['arn'] });
    };
    await using front = await startTestFront({ ecs: { RunTask: refuse } });

    const call = front.ecs.send(new RunTaskCommand({ taskDefinition: 't', clientToken: 'x' }));

    await expect(call).rejects.toMatchObject({
      name: 'ConflictException',
      message: 'Other parameters',
      resourceIds: ['arn'],
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('on the wire a refusal has __type, message and the error type header', async () => {
    const refuse: Operation = () => {
      throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    };
    await using front = await startTestFront({ ecs: { DescribeClusters: refuse } });

    const answer = await post(front.url, `${prefix}DescribeClusters`, '{}');

    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(answer.headers.get('x-amzn-errortype')).toBe('ClusterNotFoundException');
    expect(answer.headers.get('x-amzn-requestid')).toBe('request-1');
    expect(await answer.json()).toEqual({ __type: 'ClusterNotFoundException', message: 'Cluster not found.' });
  });

  test.each([
    ['an operation that there is not', `${prefix}CreateService`, '{}', 400, 'UnknownOperationException'],
    ["a property of every object's", `${prefix}constructor`, '{}', 400, 'UnknownOperationException'],
    ['another target', 'DynamoDB_20120810.ListTables', '{}', 400, 'UnknownOperationException'],
    ['broken JSON', `${prefix}RunTask`, '{"a":', 400, 'SerializationException'],
    ['JSON that is no object', `${prefix}RunTask`, '[1]', 400, 'SerializationException'],
    ['a body over 4 MiB', `${prefix}RunTask`, `{"a":"${'x'.repeat(5e6)}"}`, 413, 'RequestEntityTooLargeException'],
  ])('%s is refused, and nothing is done', async (_case, target, body, status, type) => {
    const runTask = recorder();
    await using front = await startTestFront({ ecs: { RunTask: runTask.operation } });

    const answer = await post(front.url, target, body);

    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([status, type]);
    expect(await answer.json()).toMatchObject({ __type: type });
    expect(runTask.inputs).toEqual([]);
  });

  test('a failure of our own is a ServerException that says nothing of its cause', async () => {
    const broken: Operation = () => {
      throw new TypeError('secret detail');
    };
    await using front = await startTestFront({ ecs: { DescribeClusters: broken } });

    const error: unknown = await front.ecs.send(new DescribeClustersCommand({})).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: 'ServerException', $metadata: { httpStatusCode: 500 } });
    expect(String(error)).not.toContain('secret detail');
  });

  test('a member that is null counts as absent, at any depth', async () => {
    const runTask = recorder();
    await using front = await startTestFront({ ecs: { RunTask: runTask.operation } });

    await post(front.url, `${prefix}RunTask`, '{"a":null,"b":{"c":null,"d":[{"e":null}]}}');

    expect(runTask.inputs).toEqual([{ b: { d: [{}] } }]);
  });

  test('a page in a browser gets nothing done', async () => {
    const runTask = recorder();
    await using front = await startTestFront({ ecs: { RunTask: runTask.operation } });

    const answer = await post(front.url, `${prefix}RunTask`, '{}', { origin: 'https://evil.example' });

    expect(answer.status).toBe(403);
    expect(runTask.inputs).toEqual([]);
  });
});

describe('EFS', () => {
  test('members come from path, query and body, as the SDK binds them', async () => {
    const operations = [
      'CreateAccessPoint',
      'DescribeAccessPoints',
      'DeleteAccessPoint',
      'TagResource',
      'UntagResource',
    ];
    const record = recorder();
    await using front = await startTestFront({
      efs: Object.fromEntries(operations.map((name) => [name, record.operation])),
    });
    const arn = 'arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0';

    await front.efs.send(new CreateAccessPointCommand({ ClientToken: 't', FileSystemId: 'fs-01234567' }));
    await front.efs.send(
      new DescribeAccessPointsCommand({ FileSystemId: 'fs-01234567', MaxResults: 5, NextToken: 'a/b=' }),
    );
    await front.efs.send(new TagResourceCommand({ ResourceId: arn, Tags: [{ Key: 'k', Value: 'v' }] }));
    await front.efs.send(new UntagResourceCommand({ ResourceId: arn, TagKeys: ['a b', 'c+d', 'é'] }));
    const deleted = await front.efs.send(new DeleteAccessPointCommand({ AccessPointId: 'fsap-01234567' }));

    expect(record.inputs).toEqual([
      { ClientToken: 't', FileSystemId: 'fs-01234567' },
      { FileSystemId: 'fs-01234567', MaxResults: 5, NextToken: 'a/b=' },
      { ResourceId: arn, Tags: [{ Key: 'k', Value: 'v' }] },
      { ResourceId: arn, TagKeys: ['a b', 'c+d', 'é'] },
      { AccessPointId: 'fsap-01234567' },
    ]);
    expect(deleted.$metadata.httpStatusCode).toBe(204);
  });

  test('a refusal is the error of that name to the SDK, with its members', async () => {
    const refuse: Operation = () => {
      throw new AwsError('AccessPointAlreadyExists', 'There', 409, { AccessPointId: 'fsap-01234567' });
    };
    await using front = await startTestFront({ efs: { CreateAccessPoint: refuse } });

    const call = front.efs.send(new CreateAccessPointCommand({ ClientToken: 't', FileSystemId: 'fs-01234567' }));

    await expect(call).rejects.toMatchObject({
      name: 'AccessPointAlreadyExists',
      ErrorCode: 'AccessPointAlreadyExists',
      AccessPointId: 'fsap-01234567',
      $metadata: { httpStatusCode: 409 },
    });
  });

  test.each([
    ['GET', '/2015-02-01/nothing', 400, 'UnknownOperationException'],
    ['PUT', '/2015-02-01/access-points', 400, 'UnknownOperationException'],
    ['DELETE', '/2015-02-01/access-points/', 400, 'UnknownOperationException'],
    ['DELETE', '/2015-02-01/access-points/a/b', 400, 'UnknownOperationException'],
    ['DELETE', '/2015-02-01/access-points/%ff', 400, 'SerializationException'],
    ['GET', '/2015-02-01/access-points?MaxResults=many', 400, 'SerializationException'],
  ])('%s %s is refused', async (method, path, status, type) => {
    const record = recorder();
    await using front = await startTestFront({
      efs: { DescribeAccessPoints: record.operation, DeleteAccessPoint: record.operation },
    });

    const answer = await fetch(front.url + path, { method });

    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([status, type]);
    expect(await answer.json()).toMatchObject({ ErrorCode: type });
    expect(record.inputs).toEqual([]);
  });

  (awsModelsPresent() ? test : test.skip)(
    'method, path, members and status of each call are those of the model',
    () => {
      const model = awsModel('efs');
      for (const binding of efsBindings) {
        const operation = model.operations[binding.operation];
        const label = binding.label === undefined ? '' : `/{${binding.label}}`;
        expect(operation?.http).toEqual({
          method: binding.method,
          requestUri: `/2015-02-01/${binding.resource}${label}`,
          responseCode: binding.status ?? 200,
        });
        const members = Object.values(model.shapes[operation?.input?.shape ?? '']?.members ?? {});
        const inQuery = members
          .filter((member) => member.location === 'querystring')
          .map((member) => member.locationName);
        expect(Object.keys(binding.query ?? {}).sort()).toEqual(inQuery.sort());
      }
    },
  );
});

test('what is neither protocol is a 404', async () => {
  await using front = await startTestFront({});

  expect((await fetch(`${front.url}/favicon.ico`)).status).toBe(404);
});
