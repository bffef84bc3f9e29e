import { listFiles } from './api.js';
import { formatSize, join } from './paths.js';

const SHAPES = {
  chevron: 'M5.5 3.5 9.5 7l-4 3.5',
  folder: 'M1.5 3h4l1.5 1.5h5.5V11.5h-11z',
  file: 'M3 1.5h5l3 3v8H3zM8 1.5v3h3',
};

/** The file tree. `actions`: open(entry), download(entry), remove(entry), choose(path, kind), fail(error). */
export class Tree {
  #container;
  #actions;
  #expanded = new Set();
  #chosen;
  #refreshes = 0;

  constructor(container, actions) {
    this.#container = container;
    this.#actions = actions;
    container.addEventListener('keydown', (event) => this.#onKey(event));
  }

  choose(path) {
    this.#chosen = path;
    for (const row of this.#container.querySelectorAll('.row')) {
      row.toggleAttribute('data-chosen', row.dataset.path === path);
    }
  }

  expand(path) {
    for (let folder = path; folder; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
      this.#expanded.add(folder);
    }
  }

  /** Reads every folder that is open again; what is shown stays until the new list is complete. */
  async refresh() {
    this.#refreshes += 1;
    const turn = this.#refreshes;
    try {
      const list = await this.#list('');
      // A later one shows what is newer.
      if (turn !== this.#refreshes) return;
      const focused = document.activeElement?.closest?.('.row')?.dataset.path;
      const top = this.#container.scrollTop;
      this.#container.replaceChildren(list);
      this.#container.scrollTop = top;
      this.choose(this.#chosen);
      if (focused !== undefined) this.#row(focused)?.querySelector('.name').focus();
    } catch (error) {
      this.#actions.fail(error);
    }
  }

  async #list(folder) {
    const { entries, truncated } = await listFiles(folder);
    if (entries.length === 0) return note(folder ? 'Empty' : 'No files yet. Make one, or drop some here.');
    const list = document.createElement('ul');
    list.append(
      ...(await Promise.all(entries.map((entry) => this.#item({ ...entry, path: join(folder, entry.name) })))),
    );
    if (truncated) list.append(note('There are more entries than can be shown.'));
    return list;
  }

  async #item(entry) {
    const { path, kind, name } = entry;
    const item = document.createElement('li');
    const row = document.createElement('div');
    row.className = 'row';
    Object.assign(row.dataset, { path, kind });
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'name';
    button.title = kind === 'other' ? `${name}: a link or special file that cannot be opened here` : name;
    button.disabled = kind === 'other';
    if (kind === 'folder') {
      button.setAttribute('aria-expanded', String(this.#expanded.has(path)));
      button.append(icon('chevron'));
    }
    button.append(icon(kind === 'folder' ? 'folder' : 'file'), span('label', name));
    if (kind === 'file') button.append(span('size', formatSize(entry.size)));
    button.addEventListener('click', () => {
      if (kind === 'folder') this.#toggle(path);
      else this.#actions.open(entry);
    });
    row.append(button);
    if (kind === 'file') row.append(act('↓', `Download ${name}`, () => this.#actions.download(entry)));
    row.append(act('✕', `Delete ${name}`, () => this.#actions.remove(entry)));
    item.append(row);
    if (kind === 'folder' && this.#expanded.has(path)) {
      try {
        item.append(await this.#list(path));
      } catch {
        // It is gone or forbidden by now: show it closed.
        this.#expanded.delete(path);
        button.setAttribute('aria-expanded', 'false');
      }
    }
    return item;
  }

  async #toggle(path) {
    if (!this.#expanded.delete(path)) this.#expanded.add(path);
    this.#actions.choose(path);
    await this.refresh();
  }

  #row(path) {
    return [...this.#container.querySelectorAll('.row')].find((row) => row.dataset.path === path);
  }

  #onKey(event) {
    const row = event.target.closest('.row');
    if (!row || !event.target.classList.contains('name')) return;
    const names = [...this.#container.querySelectorAll('.name:enabled')];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const open = event.target.getAttribute('aria-expanded');
    if (step) names[names.indexOf(event.target) + step]?.focus();
    else if (event.key === 'ArrowRight' && open === 'false') event.target.click();
    else if (event.key === 'ArrowLeft' && open === 'true') event.target.click();
    else if (event.key === 'Delete') row.querySelector('.act:last-child').click();
    else return;
    event.preventDefault();
  }
}

function icon(shape) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 14 14');
  svg.setAttribute('class', `mark ${shape}`);
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', SHAPES[shape]);
  svg.append(path);
  return svg;
}

function span(className, text) {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = text;
  return element;
}

function note(text) {
  const element = document.createElement('p');
  element.className = 'empty';
  element.textContent = text;
  return element;
}

function act(sign, label, onClick) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'act';
  button.textContent = sign;
  button.title = label;
  button.setAttribute('aria-label', label);
  button.addEventListener('click', onClick);
  return button;
}
