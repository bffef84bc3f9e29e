import { leadsOut } from './leadsOut.ts';
import { each, type State, tagged } from './State.ts';

/** Nobody can tell whose it is: no call reaches it until an operator has written its owner down again. */
const disowned = (name: string, value: string | undefined, right: string): State => ({
  ...tagged(name, value),
  repair: each(async (world, id) => await world.tag(id, name, right)),
});

leadsOut([
  ...['cpu', 'memory', 'created', 'run', 'outcome', 'name', 'request', 'stopped'].flatMap((name) => [
    tagged(name, undefined),
    tagged(name, '=+ no sense =G'),
  ]),
  disowned('user', undefined, 'ada'),
  disowned('user', '=FF=', 'ada'),
  disowned('stack', undefined, 'workbench'),
  disowned('stack', 'another', 'workbench'),
]);
