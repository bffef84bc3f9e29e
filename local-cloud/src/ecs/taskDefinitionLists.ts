import { z } from 'zod';
import type { Operations } from '../operation.ts';
import type { EcsContext } from './EcsContext.ts';
import { paginate, sortableNumber } from './paginate.ts';
import { parseRequest } from './parseRequest.ts';
import type { StoredTaskDefinition } from './StoredTaskDefinition.ts';

const page = {
  nextToken: z.string().optional(),
  maxResults: z.int().min(1).max(100).optional(),
};

const listRequest = z.object({
  familyPrefix: z.string().optional(),
  status: z.enum(['ACTIVE', 'INACTIVE', 'DELETE_IN_PROGRESS']).default('ACTIVE'),
  sort: z.enum(['ASC', 'DESC']).default('ASC'),
  ...page,
});

const listFamiliesRequest = z.object({
  familyPrefix: z.string().optional(),
  status: z.enum(['ACTIVE', 'INACTIVE', 'ALL']).default('ALL'),
  ...page,
});

export function taskDefinitionLists({ taskDefinitions }: EcsContext): Operations {
  function list(input: unknown) {
    const { familyPrefix, status, sort, ...request } = parseRequest(listRequest, input, 'ClientException');
    // In spite of its name it is a whole family here, and a prefix in ListTaskDefinitionFamilies.
    const candidates = familyPrefix === undefined ? taskDefinitions.all() : taskDefinitions.ofFamily(familyPrefix);
    const matching = [...candidates].filter((definition) => definition.status === status);
    const sorted = sortBy(matching, positionOf);
    const { items, nextToken } = paginate(sort === 'ASC' ? sorted : sorted.reverse(), positionOf, request, sort);
    return { taskDefinitionArns: items.map(({ taskDefinitionArn }) => taskDefinitionArn), nextToken };
  }

  function listFamilies(input: unknown) {
    const { familyPrefix = '', status, ...request } = parseRequest(listFamiliesRequest, input, 'ClientException');
    const families: string[] = [];
    for (const [family, revisions] of taskDefinitions.families()) {
      const active = revisions.some((definition) => definition.status === 'ACTIVE');
      if (family.startsWith(familyPrefix) && (status === 'ALL' || active === (status === 'ACTIVE'))) {
        families.push(family);
      }
    }
    const { items, nextToken } = paginate(sortBy(families, String), String, request);
    return { families: items, nextToken };
  }

  return { ListTaskDefinitions: list, ListTaskDefinitionFamilies: listFamilies };
}

/** `!` sorts before whatever a family's name can hold, so that a family comes before those that its name begins. */
function positionOf({ family, revision }: StoredTaskDefinition): string {
  return `${family}!${sortableNumber(revision)}`;
}

function sortBy<T>(items: readonly T[], positionOf: (item: T) => string): T[] {
  const keyed = items.map((item) => ({ item, position: positionOf(item) }));
  keyed.sort((a, b) => (a.position < b.position ? -1 : 1));
  return keyed.map(({ item }) => item);
}
