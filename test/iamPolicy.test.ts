import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { tagKeys } from '../src/aws/recordTags.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const policySchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z.string().regex(/^[A-Za-z0-9]+$/),
      Effect: z.literal('Allow'),
      Action: oneOrMore,
      Resource: oneOrMore,
      Condition: z.record(z.string(), z.record(z.string(), oneOrMore)).optional(),
    }),
  ),
});

const policyText = textOf('docs/iam-policy.json');
const policy = policySchema.parse(JSON.parse(policyText));
const taskPolicyText = textOf('docs/task-role-policy.json');

/** What AWS checks besides the action that a call is named after. */
const impliedBy: Readonly<Record<string, readonly string[]>> = {
  'ecs:RegisterTaskDefinition': ['ecs:TagResource', 'iam:PassRole'],
  'ecs:RunTask': ['ecs:TagResource', 'iam:PassRole'],
  'elasticfilesystem:CreateAccessPoint': ['elasticfilesystem:TagResource'],
};

/** What the service lets nobody narrow down to a resource. */
const forAllResources = [
  'ecs:DeregisterTaskDefinition',
  'ecs:DescribeTaskDefinition',
  'ecs:ListAccountSettings',
  'ecs:ListTaskDefinitionFamilies',
  'ecs:ListTaskDefinitions',
  'ecs:ListTasks',
  'ecs:RegisterTaskDefinition',
];

/** The actions of the commands that the files of a folder send. */
function actionsIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => actionsOf(textOf(join(folder, file))));
}

/** What policies call the services of the clients. */
const services: Readonly<Record<string, string>> = {
  ecs: 'ecs',
  efs: 'elasticfilesystem',
  'cloudwatch-logs': 'logs',
};

function actionsOf(source: string): string[] {
  const clients = [...source.matchAll(/import\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'@aws-sdk\/client-([a-z-]+)'/g)];
  return [...source.matchAll(/new (\w+)Command\(/g)].flatMap(([, operation = '']) => {
    const client = clients.find(([, names = '']) => new RegExp(`\\b${operation}Command\\b`).test(names))?.[2];
    if (client === undefined) throw new Error(`${operation}Command comes from no client that this test knows`);
    const action = `${services[client] ?? client}:${operation}`;
    return [action, ...(impliedBy[action] ?? [])];
  });
}

const unique = (items: readonly string[]): string[] => [...new Set(items)].sort();

test('the policy allows what the code calls, no more and no fewer', () => {
  const called = unique([...actionsIn('src/aws'), ...actionsIn('src/doctor')]);
  const allowed = unique(policy.Statement.flatMap(({ Action }) => Action));
  expect(called.length).toBeGreaterThan(15);
  expect(allowed).toEqual(called);
});

test('nothing else in the code talks to AWS', () => {
  const elsewhere = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      file.endsWith('.ts') && !/^(aws|doctor)\//.test(file) && /from '@aws-sdk\//.test(textOf(join('src', file))),
  );
  expect(elsewhere).toEqual([]);
});

test('an action is for all resources only where the service knows no other way', () => {
  const wide = policy.Statement.filter(({ Resource }) => Resource.includes('*')).flatMap(({ Action }) => Action);
  expect(unique(wide)).toEqual(unique(forAllResources));
  expect(policy.Statement.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
});

test('what is made carries the tag of the stack, and of access points only those are changed that carry it', () => {
  const conditionOf = (action: string) =>
    policy.Statement.filter(({ Action }) => Action.includes(action)).map(
      ({ Condition }) => Condition?.['StringEquals'],
    );
  const request = { [`aws:RequestTag/${tagKeys.stack}`]: [`\${STACK}`] };
  const resource = { [`aws:ResourceTag/${tagKeys.stack}`]: [`\${STACK}`] };
  expect(conditionOf('ecs:RunTask')).toEqual([request]);
  expect(conditionOf('ecs:RegisterTaskDefinition')).toEqual([request]);
  expect(conditionOf('elasticfilesystem:CreateAccessPoint')).toEqual([request]);
  expect(conditionOf('elasticfilesystem:DeleteAccessPoint')).toEqual([resource]);
  expect(conditionOf('elasticfilesystem:TagResource')).toEqual([
    { 'elasticfilesystem:CreateAction': ['CreateAccessPoint'] },
    resource,
  ]);
});

test('of the log group only streams of the stack are read and removed', () => {
  const group = `arn:aws:logs:\${REGION}:\${ACCOUNT}:log-group:\${LOG_GROUP}`;
  const resources = (action: string) =>
    policy.Statement.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource);
  for (const action of ['logs:GetLogEvents', 'logs:DeleteLogStream']) {
    expect(resources(action)).toEqual([`${group}:log-stream:\${STACK}/*`]);
  }
  expect(resources('logs:DescribeLogStreams')).toEqual([group, `${group}:*`]);
});

test('roles go to ECS tasks only', () => {
  const [statement, ...others] = policy.Statement.filter(({ Action }) => Action.includes('iam:PassRole'));
  expect(others).toEqual([]);
  expect(statement?.Condition).toEqual({ StringEquals: { 'iam:PassedToService': ['ecs-tasks.amazonaws.com'] } });
});

test('a task role mounts by access point and never as root', () => {
  const [statement] = policySchema.parse(JSON.parse(taskPolicyText)).Statement;
  expect(statement?.Action).toEqual(['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite']);
  expect(Object.keys(statement?.Condition?.['ArnLike'] ?? {})).toEqual(['elasticfilesystem:AccessPointArn']);
});

test('every placeholder is explained, and fits what a managed policy may hold', () => {
  const placeholders = unique(
    [...`${policyText}${taskPolicyText}`.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name),
  );
  const guide = textOf('docs/deploying.md');
  expect(placeholders.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  // AWS counts no white space.
  expect(policyText.replaceAll(/\s/g, '').length).toBeLessThan(6_144);
});
