import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { leadsOut } from './leadsOut.ts';
import { each, lostTask, type State, tagged } from './State.ts';

leadsOut([
  ...(['running', 'stopped'] as const).flatMap((before) =>
    ['requested', 'purging:1:1:refused:0', `purging:1:3:${lostTask}:1000`, 'no such step'].map(
      (step): State => tagged('destroy', step, before === 'stopped' ? before : undefined),
    ),
  ),
  {
    name: 'stopped, all its data purged, and then a task of it started by hand',
    arrange: each(async (world, id) => {
      await world.stop(id);
      const folder = world.folderOf(id);
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
      await world.runByHand(id);
      await world.tag(id, 'destroy', 'purged:1');
    }),
  },
]);
