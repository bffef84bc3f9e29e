import { existsSync, readFileSync } from 'node:fs';

export type AwsService = 'ecs' | 'efs';

type Reference = Readonly<{ shape: string; location?: string; locationName?: string }>;

type Shape = Readonly<{
  type: 'structure' | 'list' | 'map' | 'string' | 'integer' | 'long' | 'double' | 'boolean' | 'timestamp' | 'blob';
  required?: readonly string[];
  members?: Readonly<Record<string, Reference>>;
  member?: Reference;
  key?: Reference;
  value?: Reference;
  min?: number;
  max?: number;
  pattern?: string;
  enum?: readonly string[];
  error?: Readonly<{ httpStatusCode: number }>;
}>;

export type AwsModel = Readonly<{
  operations: Readonly<
    Record<
      string,
      Readonly<{
        http: Readonly<{ method: string; requestUri: string; responseCode?: number }>;
        input?: Reference;
        output?: Reference;
        errors?: readonly Reference[];
      }>
    >
  >;
  shapes: Readonly<Record<string, Shape>>;
}>;

/** A modelled limit on one input member; `path` goes through structures by member name and through lists by `0`. */
export type Constraint = Readonly<{ path: readonly string[]; shapeName: string; shape: Shape }>;

const files: Record<AwsService, string> = { ecs: 'ecs-2014-11-13.json', efs: 'efs-2015-02-01.json' };
const loaded = new Map<AwsService, AwsModel>();

function fileOf(service: AwsService): URL {
  return new URL(`../../../../shared/aws-models/${files[service]}`, import.meta.url);
}

/** AWS's models are not part of the repository: `(awsModelsPresent() ? describe : describe.skip)(…)`. */
export function awsModelsPresent(): boolean {
  return existsSync(fileOf('ecs')) && existsSync(fileOf('efs'));
}

export function awsModel(service: AwsService): AwsModel {
  const known = loaded.get(service);
  if (known !== undefined) return known;
  const model = JSON.parse(readFileSync(fileOf(service), 'utf8')) as AwsModel;
  loaded.set(service, model);
  return model;
}

function shapeOf(service: AwsService, name: string): Shape {
  const shape = awsModel(service).shapes[name];
  if (shape === undefined) throw new Error(`${service} has no shape ${name}`);
  return shape;
}

/**
 * The faults of a value against a shape: unknown members, missing ones, wrong types, broken patterns, lengths and
 * enums. Takes what was on the wire as well as what the SDK made of it (Dates, `$metadata`, undefined members).
 */
export function checkShape(service: AwsService, shapeName: string, value: unknown, path = shapeName): string[] {
  const shape = shapeOf(service, shapeName);
  switch (shape.type) {
    case 'structure': {
      if (!isRecord(value)) return [`${path}: not a structure`];
      const missing = (shape.required ?? []).filter((name) => value[name] === undefined);
      const members = Object.entries(value).filter(([name, member]) => name !== '$metadata' && member !== undefined);
      return [
        ...missing.map((name) => `${path}.${name}: missing`),
        ...members.flatMap(([name, member]) => {
          const reference = shape.members?.[name];
          if (reference === undefined) return [`${path}.${name}: unknown member`];
          return checkShape(service, reference.shape, member, `${path}.${name}`);
        }),
      ];
    }
    case 'list': {
      if (!Array.isArray(value)) return [`${path}: not a list`];
      const element = shape.member?.shape ?? '';
      return [
        ...checkBounds(shape, value.length, path, 'elements'),
        ...value.flatMap((item, index) => checkShape(service, element, item, `${path}[${index}]`)),
      ];
    }
    case 'map': {
      if (!isRecord(value)) return [`${path}: not a map`];
      const element = shape.value?.shape ?? '';
      return Object.entries(value).flatMap(([name, item]) => checkShape(service, element, item, `${path}.${name}`));
    }
    default:
      return checkScalar(shape, value, path);
  }
}

function checkScalar(shape: Shape, value: unknown, path: string): string[] {
  switch (shape.type) {
    case 'string':
      if (typeof value !== 'string') return [`${path}: not a string`];
      return [
        ...checkBounds(shape, [...value].length, path, 'characters'),
        ...(shape.pattern === undefined || compile(shape.pattern).test(value)
          ? []
          : [`${path}: "${value}" breaks ${shape.pattern}`]),
        ...(shape.enum === undefined || shape.enum.includes(value) ? [] : [`${path}: "${value}" is not in the enum`]),
      ];
    case 'integer':
    case 'long':
      return Number.isSafeInteger(value)
        ? checkBounds(shape, Number(value), path, 'as value')
        : [`${path}: not an integer`];
    case 'double':
      return typeof value === 'number' ? checkBounds(shape, value, path, 'as value') : [`${path}: not a number`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${path}: not a boolean`];
    case 'timestamp':
      // On the wire both services write epoch seconds; a 13-digit number is the classic mistake of milliseconds.
      if (value instanceof Date) return value.getFullYear() < 2200 ? [] : [`${path}: not epoch seconds`];
      return typeof value === 'number' && value < 7e9 ? [] : [`${path}: not epoch seconds`];
    default:
      return [];
  }
}

function checkBounds(shape: Shape, size: number, path: string, unit: string): string[] {
  if (shape.min !== undefined && size < shape.min) return [`${path}: ${size} ${unit}, at least ${shape.min}`];
  if (shape.max !== undefined && size > shape.max) return [`${path}: ${size} ${unit}, at most ${shape.max}`];
  return [];
}

/** Every member of a request for which the model gives a limit, a pattern or an enum. */
export function inputConstraints(service: AwsService, requestShape: string): Constraint[] {
  const walk = (shapeName: string, path: readonly string[], above: readonly string[]): Constraint[] => {
    if (above.includes(shapeName)) return [];
    const shape = shapeOf(service, shapeName);
    const below = [...above, shapeName];
    const limited = [shape.min, shape.max, shape.pattern, shape.enum].some((limit) => limit !== undefined);
    return [
      ...(limited ? [{ path, shapeName, shape }] : []),
      ...Object.entries(shape.members ?? {}).flatMap(([name, { shape: next }]) => walk(next, [...path, name], below)),
      ...(shape.member === undefined ? [] : walk(shape.member.shape, [...path, '0'], below)),
    ];
  };
  return walk(requestShape, [], []);
}

/** The models' patterns are Java's: some need Unicode mode for `\p{…}`, others are not legal in it. */
export function compile(pattern: string): RegExp {
  return new RegExp(pattern, pattern.includes('\\p{') ? 'u' : '');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
