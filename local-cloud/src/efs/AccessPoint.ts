export type Tag = Readonly<{ Key: string; Value: string }>;

type PosixUser = Readonly<{ Uid: number; Gid: number; SecondaryGids?: readonly number[] | undefined }>;

export type RootDirectory = Readonly<{
  Path: string;
  CreationInfo?: Readonly<{ OwnerUid: number; OwnerGid: number; Permissions: string }> | undefined;
}>;

export type AccessPointState = 'creating' | 'available' | 'updating' | 'deleting' | 'deleted' | 'error';

/** An access point as it is kept. All but its tags is as it was at creation, for ever. */
export type AccessPoint = Readonly<{
  id: string;
  /** Rises with each creation: the order of listings, and what their tokens hold. */
  sequence: number;
  fileSystemId: string;
  clientToken: string;
  posixUser: PosixUser | undefined;
  rootDirectory: RootDirectory;
  tags: readonly Tag[];
}>;

/** A file system as it is kept. */
export type FileSystem = Readonly<{
  id: string;
  creationToken: string;
  /** Epoch seconds. */
  createdAt: number;
  tags: readonly Tag[];
}>;
