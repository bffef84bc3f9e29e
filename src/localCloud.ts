import type { LocalCloud } from '@workbench/local-cloud';
import type { ContainerEngine } from '@workbench/local-cloud/container-engine';
import type { EmbeddedOptions } from '@workbench/local-cloud/embed';

/** The local cloud is a package of its own, which the production image does without. */
export class NoLocalCloudError extends Error {
  constructor(cause: unknown) {
    super(
      'The local cloud is not part of this installation. Set WB_CLOUD=aws for AWS, or AWS_ENDPOINT_URL to where one runs',
      { cause },
    );
  }
}

/** A local cloud within this process. @throws NoLocalCloudError; Error if its folder, port or runtime is not to be had */
export async function embedLocalCloud(options: EmbeddedOptions): Promise<LocalCloud> {
  const door = await installed(import('@workbench/local-cloud/embed'));
  return await door.embedLocalCloud(options);
}

/** The container engine that a local cloud would use. @throws NoLocalCloudError; Error if none answers */
export async function containerEngine(): Promise<ContainerEngine> {
  const door = await installed(import('@workbench/local-cloud/container-engine'));
  return await door.connectToEngine();
}

async function installed<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Not for what the package itself may lack.
    const itself = error instanceof Error && error.message.includes("'@workbench/local-cloud'");
    throw code === 'ERR_MODULE_NOT_FOUND' && itself ? new NoLocalCloudError(error) : error;
  }
}
