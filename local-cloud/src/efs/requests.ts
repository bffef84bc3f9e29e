import { z } from 'zod';

/** Requests are held to the limits and patterns of EFS's service model, 2015-02-01. */

const idPattern = (arnPart: string, prefix: string) =>
  new RegExp(
    `^(arn:aws[-a-z]*:elasticfilesystem:[0-9a-z-:]+:${arnPart}/${prefix}-[0-9a-f]{8,40}|${prefix}-[0-9a-f]{8,40})$`,
  );

/** Where an id may be given as an ARN, it is the last part of it. */
const bareId = (idOrArn: string): string => idOrArn.slice(idOrArn.lastIndexOf('/') + 1);

const fileSystemId = z.string().max(128).regex(idPattern('file-system', 'fs')).transform(bareId);
const accessPointId = z.string().max(128).regex(idPattern('access-point', 'fsap')).transform(bareId);
const resourceId = z
  .string()
  .max(128)
  .regex(
    /^(arn:aws[-a-z]*:elasticfilesystem:[0-9a-z-:]+:(access-point\/fsap|file-system\/fs)-[0-9a-f]{8,40}|fs(ap)?-[0-9a-f]{8,40})$/,
  )
  .transform(bareId);

const token = z.string().min(1).max(128).regex(/.+/);
const creationToken = z.string().min(1).max(64).regex(/.+/);
const pageSize = z.number().int().min(1).max(2_147_483_647);

/** The model counts characters, JavaScript's `length` counts UTF-16 units. */
const atMost = (most: number) =>
  [(text: string) => [...text].length <= most, `Member must have length less than or equal to ${most}`] as const;
const tagKey = z
  .string()
  .min(1)
  .refine(...atMost(128))
  .regex(/^(?![aA]{1}[wW]{1}[sS]{1}:)([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$/u);
const tagValue = z
  .string()
  .refine(...atMost(256))
  .regex(/^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u);

export const maxTags = 50;
const tags = z
  .array(z.object({ Key: tagKey, Value: tagValue }))
  .max(maxTags)
  .refine((list) => new Set(list.map((tag) => tag.Key)).size === list.length, 'The same tag key is given twice');

const posixId = z.number().int().min(0).max(4_294_967_295);
const posixUser = z.object({
  Uid: posixId,
  Gid: posixId,
  SecondaryGids: z.array(posixId).max(16).optional(),
});
const rootDirectory = z.object({
  Path: z
    .string()
    .min(1)
    .max(100)
    // At most four levels, none of which begins with a dot: so no path leads out of the file system either.
    .regex(/^(\/|(\/(?!\.)[^$#<>;`|&?{}^*/\n]+){1,4})$/)
    .default('/'),
  CreationInfo: z
    .object({ OwnerUid: posixId, OwnerGid: posixId, Permissions: z.string().regex(/^[0-7]{3,4}$/) })
    .optional(),
});

export const createAccessPointRequest = z.object({
  ClientToken: creationToken,
  FileSystemId: fileSystemId,
  PosixUser: posixUser.optional(),
  RootDirectory: rootDirectory.default({ Path: '/' }),
  Tags: tags.default([]),
});

export const describeAccessPointsRequest = z
  .object({
    AccessPointId: accessPointId.optional(),
    FileSystemId: fileSystemId.optional(),
    MaxResults: pageSize.default(100),
    NextToken: token.optional(),
  })
  .refine((request) => request.AccessPointId === undefined || request.FileSystemId === undefined, {
    message: 'You can specify either AccessPointId or FileSystemId, and not both',
  });

export const deleteAccessPointRequest = z.object({ AccessPointId: accessPointId });
export const tagResourceRequest = z.object({ ResourceId: resourceId, Tags: tags });
export const untagResourceRequest = z.object({ ResourceId: resourceId, TagKeys: z.array(tagKey).min(1).max(50) });
export const listTagsForResourceRequest = z.object({
  ResourceId: resourceId,
  MaxResults: pageSize.default(100),
  NextToken: token.optional(),
});

export const describeFileSystemsRequest = z.object({
  FileSystemId: fileSystemId.optional(),
  CreationToken: creationToken.optional(),
  MaxItems: pageSize.default(100),
  Marker: token.optional(),
});

export const describeMountTargetsRequest = z
  .object({
    FileSystemId: fileSystemId.optional(),
    AccessPointId: accessPointId.optional(),
    MountTargetId: z
      .string()
      .min(13)
      .max(45)
      .regex(/^fsmt-[0-9a-f]{8,40}$/)
      .optional(),
    MaxItems: pageSize.default(100),
    Marker: token.optional(),
  })
  .refine(
    (request) => [request.FileSystemId, request.AccessPointId, request.MountTargetId].filter(Boolean).length === 1,
    { message: 'You must specify exactly one of FileSystemId, AccessPointId and MountTargetId' },
  );
