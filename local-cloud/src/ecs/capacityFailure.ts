import type { Capacity } from './EcsDependencies.ts';
import type { Usage } from './TaskStore.ts';

const unavailable = 'Capacity is unavailable at this time. Please try again later or in a different availability zone';

/** Why one more task of this size doesn't fit, in the words of RunTask's `failures`; undefined when it does. */
export function capacityFailure(capacity: Capacity, usage: Usage, size: Omit<Usage, 'tasks'>): string | undefined {
  if (capacity.tasks !== undefined && usage.tasks + 1 > capacity.tasks) return unavailable;
  if (capacity.vcpu !== undefined && usage.vcpu + size.vcpu > capacity.vcpu) return 'RESOURCE:CPU';
  if (capacity.memoryMiB !== undefined && usage.memoryMiB + size.memoryMiB > capacity.memoryMiB) {
    return 'RESOURCE:MEMORY';
  }
  if (capacity.gpus !== undefined && usage.gpus + size.gpus > capacity.gpus) return 'RESOURCE:GPU';
  return undefined;
}
