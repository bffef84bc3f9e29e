import { z } from 'zod';
import { AwsError } from '../awsError.ts';

export type Tags = Readonly<Record<string, string>>;
export type TagList = readonly Readonly<{ key: string; value: string }>[];

const maxTags = 50;
const characters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const invalidCharacters =
  'Some tags contain invalid characters. Valid characters: UTF-8 letters, spaces, numbers and _ . / = + - : @.';
const reserved = /^aws:/i;

const tag = z.object({
  key: z
    .string()
    .min(1, 'Tag keys must not be empty.')
    .max(128, 'Tag keys can be at most 128 characters long.')
    .regex(characters, invalidCharacters)
    .refine((key) => !reserved.test(key), 'Tag keys must not begin with aws:, which is reserved.'),
  value: z
    .string()
    .max(256, 'Tag values can be at most 256 characters long.')
    .regex(characters, invalidCharacters)
    .refine((value) => !reserved.test(value), 'Tag values must not begin with aws:, which is reserved.')
    .default(''),
});

/** The `tags` member of a request. */
export const tagListSchema = z
  .array(tag)
  .max(maxTags, `The maximum number of tags on a resource is ${maxTags}.`)
  .refine((tags) => new Set(tags.map(({ key }) => key)).size === tags.length, 'Duplicate tag keys are not allowed.');

export function tagsOf(list: TagList | undefined): Tags {
  return Object.fromEntries((list ?? []).map(({ key, value }) => [key, value]));
}

export function tagListOf(tags: Tags): TagList {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** @throws AwsError when together they are more than a resource can carry */
export function mergeTags(present: Tags, added: Tags): Tags {
  const merged = { ...present, ...added };
  if (Object.keys(merged).length > maxTags) {
    throw new AwsError('InvalidParameterException', `The maximum number of tags on a resource is ${maxTags}.`);
  }
  return merged;
}
