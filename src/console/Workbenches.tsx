import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Item } from '../client/createClient.ts';
import { Actions, type Question } from './Actions.tsx';
import { agoText, sizeText } from './format.ts';
import { Questions } from './Questions.tsx';
import { Status } from './Status.tsx';
import type { After } from './useLive.ts';
import { useNow } from './useNow.ts';

export type Column = 'name' | 'user' | 'status' | 'created';

type Properties = Readonly<{
  items: readonly Item[];
  after: After;
  /** What stands in place of rows. */
  empty: ComponentChildren;
  /** For operators: whose they are, which are chosen, and in which order. */
  everybody?: Readonly<{
    chosen: ReadonlySet<string>;
    choose: (ids: readonly string[], chosen: boolean) => void;
    heading: (column: Column, text: string) => ComponentChildren;
  }>;
}>;

export function Workbenches({ items, after, empty, everybody }: Properties) {
  const [asked, setAsked] = useState<Readonly<{ question: Question; item: Item }>>();
  const now = useNow(20_000);
  const heading = everybody?.heading ?? ((column: Column, text: string) => <Heading column={column}>{text}</Heading>);
  const ids = items.map(({ workbench_id }) => workbench_id);
  const current = asked && (items.find(({ workbench_id }) => workbench_id === asked.item.workbench_id) ?? asked.item);

  return (
    <>
      <table aria-label="Workbenches">
        <thead>
          <tr>
            {everybody && (
              <th scope="col" class="for-choice">
                <input
                  type="checkbox"
                  aria-label="Choose all on this page"
                  checked={ids.length > 0 && ids.every((id) => everybody.chosen.has(id))}
                  onChange={(event) => everybody.choose(ids, event.currentTarget.checked)}
                />
              </th>
            )}
            {heading('name', 'Name')}
            {everybody && heading('user', 'User')}
            {heading('status', 'Status')}
            <th scope="col" class="for-size lesser">
              Size
            </th>
            {heading('created', 'Created')}
            <th scope="col" class="for-actions">
              Actions
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Row key={item.workbench_id} item={item} now={now}>
              {{
                chooser: everybody && (
                  <td>
                    <input
                      type="checkbox"
                      aria-label={`Choose ${item.workbench_name}`}
                      checked={everybody.chosen.has(item.workbench_id)}
                      onChange={(event) => everybody.choose([item.workbench_id], event.currentTarget.checked)}
                    />
                  </td>
                ),
                user: everybody && (
                  <td>
                    <a href={`#/user/${encodeURIComponent(item.user_id)}`}>
                      <bdi>{item.user_id}</bdi>
                    </a>
                  </td>
                ),
                actions: <Actions item={item} after={after} ask={(question) => setAsked({ question, item })} />,
              }}
            </Row>
          ))}
          {items.length === 0 && (
            <tr>
              <td class="empty" colSpan={everybody ? 7 : 5}>
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
      {asked && current && (
        <Questions question={asked.question} item={current} after={after} close={() => setAsked(undefined)} />
      )}
    </>
  );
}

export function Heading({ column, sort, children }: HeadingProperties) {
  return (
    <th scope="col" aria-sort={sort} class={`for-${column}${column === 'created' ? ' lesser' : ''}`}>
      {children}
    </th>
  );
}

type HeadingProperties = Readonly<{
  column: Column;
  sort?: 'ascending' | 'descending' | undefined;
  children: ComponentChildren;
}>;

type Cells = Readonly<Record<'chooser' | 'user' | 'actions', ComponentChildren>>;

function Row({ item, now, children }: Readonly<{ item: Item; now: number; children: Cells }>) {
  const row = useRef<HTMLTableRowElement>(null);
  const { profile } = item;

  // Whoever is at a row that goes away is not thrown back to the top of the page.
  useEffect(
    () => () => {
      if (row.current?.contains(document.activeElement)) document.querySelector<HTMLElement>('h1')?.focus();
    },
    [],
  );

  return (
    <tr ref={row}>
      {children.chooser}
      <th scope="row">
        <bdi class="name">{item.workbench_name}</bdi>
        <code class="fine">{item.workbench_id}</code>
      </th>
      {children.user}
      <td>
        <Status item={item} />
      </td>
      <td class="lesser">
        {profile !== 'default' && <bdi>{profile}</bdi>}
        <span class="fine">{sizeText(item.requested_cpu, item.requested_memory)}</span>
      </td>
      <td class="lesser">
        <time dateTime={item.created_at} title={new Date(item.created_at).toLocaleString()}>
          {agoText(now - Date.parse(item.created_at))}
        </time>
      </td>
      <td>{children.actions}</td>
    </tr>
  );
}
