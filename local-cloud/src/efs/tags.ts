import { AwsError } from '../awsError.ts';
import type { Operations } from '../operation.ts';
import type { Tag } from './AccessPoint.ts';
import type { EfsState } from './EfsState.ts';
import { accessPointNotFound, fileSystemNotFound } from './notFound.ts';
import { pageOf } from './pageToken.ts';
import { parse } from './parseRequest.ts';
import { listTagsForResourceRequest, maxTags, tagResourceRequest, untagResourceRequest } from './requests.ts';

/** TagResource, UntagResource and ListTagsForResource, for access points and file systems. */
export function tagOperations(state: EfsState): Operations {
  return {
    TagResource: (input) => {
      const request = parse(tagResourceRequest, input);
      const resource = taggable(state, request.ResourceId);
      const added = new Set(request.Tags.map((tag) => tag.Key));
      const merged = [...resource.tags.filter((tag) => !added.has(tag.Key)), ...request.Tags];
      if (merged.length > maxTags) throw new AwsError('BadRequest', `A resource can have at most ${maxTags} tags`);
      resource.write(merged);
      return {};
    },

    UntagResource: (input) => {
      const request = parse(untagResourceRequest, input);
      const resource = taggable(state, request.ResourceId);
      const removed = new Set(request.TagKeys);
      resource.write(resource.tags.filter((tag) => !removed.has(tag.Key)));
      return {};
    },

    ListTagsForResource: (input) => {
      const request = parse(listTagsForResourceRequest, input);
      const { tags } = taggable(state, request.ResourceId);
      const { page, token } = pageOf(request.ResourceId, tags, request.NextToken, request.MaxResults);
      return { Tags: page, ...(token === undefined ? {} : { NextToken: token }) };
    },
  };
}

type Taggable = Readonly<{ tags: readonly Tag[]; write(tags: readonly Tag[]): void }>;

function taggable({ accessPoints, fileSystems }: EfsState, id: string): Taggable {
  if (id.startsWith('fsap-')) {
    const accessPoint = accessPoints.get(id);
    if (accessPoint === undefined) throw accessPointNotFound(id);
    return { tags: accessPoint.tags, write: (tags) => accessPoints.replace({ ...accessPoint, tags }) };
  }
  const fileSystem = fileSystems.get(id);
  if (fileSystem === undefined) throw fileSystemNotFound(id);
  return { tags: fileSystem.tags, write: (tags) => void fileSystems.set(id, { ...fileSystem, tags }) };
}
