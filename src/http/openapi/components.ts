import { z } from 'zod';
import { failure } from '../schemas/failure.ts';
import { openingItem } from '../schemas/opening.ts';
import { gone } from '../schemas/waiting.ts';
import { creation, item, itemAnswer, itemsAnswer } from '../schemas/workbenches.ts';

/** What has a name of its own in the description. */
const named = z.registry<{ id: string }>();
named.add(item, { id: 'Workbench' });
named.add(itemAnswer, { id: 'WorkbenchAnswer' });
named.add(itemsAnswer, { id: 'WorkbenchesAnswer' });
named.add(creation, { id: 'Creation' });
named.add(gone, { id: 'Gone' });
named.add(openingItem, { id: 'Opening' });
named.add(failure, { id: 'Failure' });

const uri = (id: string) => `#/components/schemas/${id}`;

export function componentSchemas(): Readonly<Record<string, object>> {
  const { schemas } = z.toJSONSchema(named, { uri });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutDialect(schema)]));
}

/** A schema as it stands in the description: by its name if it has one. What is read from text is described as it is read. */
export function schemaOf(schema: z.ZodType): object {
  const id = named.get(schema)?.id;
  if (id) return { $ref: uri(id) };
  return withoutDialect(z.toJSONSchema(schema, { metadata: z.globalRegistry }));
}

/** The dialect is OpenAPI's own. */
function withoutDialect({ $schema, $id, ...schema }: Readonly<Record<string, unknown>>): object {
  return schema;
}
