import { UpstreamError } from '../../lib/errors.ts';
import type { Launch, LaunchRequest, Tasks } from '../ports.ts';

/** Asks ECS for a task once its definition is there. */
export async function askForTask(
  tasks: Tasks,
  request: Omit<LaunchRequest, 'definition'>,
  definition: Promise<string>,
): Promise<Launch> {
  try {
    return await tasks.launch({ ...request, definition: await definition });
  } catch (error) {
    // AWS won't have such a task definition: as final as a refusal of the task itself.
    if (error instanceof UpstreamError) return { kind: 'refused', capacity: false, message: error.message };
    throw error;
  }
}
