import * as api from './api.js';
import { ask, confirm, notify } from './dialogs.js';
import { Editor } from './editor.js';
import { folderName, formatSize, isWithin, join, parent } from './paths.js';
import { decode, encode } from './textDocument.js';
import { Tree } from './tree.js';
import { acceptDrops, uploadFiles } from './uploads.js';

const MAX_EDITABLE_BYTES = 2_000_000;
const CONNECTION_CHECK_MS = 15_000;
const element = (id) => document.getElementById(id);

let workbench = { name: 'Workbench', maxFileBytes: Number.MAX_SAFE_INTEGER };
/** The open file: {path, etag, saved, lineEnd}; without `saved` it is one that cannot be edited. */
let file;
/** Where new files go. */
let targetFolder = '';
let saving = false;
let loads = 0;

const fail = (error) => {
  notify(error.message, { bad: true });
  noteIfLost(error);
};
const editor = new Editor(showState);
const tree = new Tree(element('tree'), {
  open: (entry) => openFile(entry.path, entry.size),
  download: (entry) => api.downloadFile(entry.path),
  remove: (entry) => removeEntry(entry.path, entry.kind),
  choose: (path) => {
    setTarget(path);
    tree.choose(path);
  },
  fail,
});

function isUnsaved() {
  return file?.saved !== undefined && editor.text !== file.saved;
}

function showState() {
  const unsaved = isUnsaved();
  element('unsaved').hidden = !unsaved;
  element('save').disabled = !unsaved || saving;
  element('save').textContent = saving ? 'Saving…' : 'Save';
  document.title = `${unsaved ? '● ' : ''}${file ? `${file.path} · ` : ''}${workbench.name}`;
}

function setTarget(folder) {
  targetFolder = folder;
  element('target').textContent = folderName(folder);
}

function showFile(next, text) {
  file = next;
  const editable = file?.saved !== undefined;
  document.body.dataset.view = file ? 'editor' : 'files';
  element('editor-bar').hidden = !file;
  element('file-path').textContent = element('file-path').title = file?.path ?? '';
  element('save').hidden = file !== undefined && !editable;
  element('code').hidden = element('editor-footer').hidden = !editable;
  element('placeholder').hidden = editable;
  element('placeholder-download').hidden = !file;
  element('placeholder-title').textContent = file?.path ?? 'No file open';
  element('placeholder-text').textContent =
    file?.reason ?? 'Choose a file, make a new one, or drop files anywhere to upload them.';
  if (file) setTarget(parent(file.path));
  tree.choose(file?.path);
  if (editable) editor.show(text, `Content of ${file.path}`);
  showFacts();
  showState();
}

function showFacts() {
  if (file?.saved === undefined) return;
  const bytes = new Blob([encode(file.saved, file.lineEnd)]).size;
  element('facts').textContent = `${formatSize(bytes)} · UTF-8 · ${file.lineEnd === '\n' ? 'LF' : 'CRLF'}`;
}

/** Whether the open file may be left: it is saved, or the user gives the changes up. */
async function mayLeave() {
  if (!isUnsaved()) return true;
  const { value } = await ask({
    title: `Save the changes to ${file.path}?`,
    text: 'They are lost if you do not save them.',
    choices: [
      { value: undefined, label: 'Keep editing' },
      { value: 'discard', label: 'Discard', style: 'danger' },
      { value: 'save', label: 'Save', style: 'primary' },
    ],
  });
  if (value !== 'save') return value === 'discard';
  return save();
}

async function openFile(path, size) {
  if (file?.path === path && file.saved !== undefined) {
    document.body.dataset.view = 'editor';
    return;
  }
  if (await mayLeave()) await load(path, size);
}

async function load(path, size = 0) {
  loads += 1;
  const turn = loads;
  try {
    if (size > MAX_EDITABLE_BYTES) {
      return showFile({ path, reason: `At ${formatSize(size)} this file is too large to edit here.` });
    }
    const { etag, bytes } = await api.readFile(path);
    // Another file has been chosen meanwhile.
    if (turn !== loads) return;
    const content = decode(bytes);
    if (!content) return showFile({ path, reason: 'This is not a text file, so it cannot be edited here.' });
    showFile({ path, etag, saved: content.text, lineEnd: content.lineEnd }, content.text);
    if (content.mixed) notify(`${path} mixes kinds of line ends. If you save it, all become LF.`);
  } catch (error) {
    fail(error);
    await tree.refresh();
  }
}

async function save({ overwrite = false } = {}) {
  if (!isUnsaved() || saving) return false;
  const subject = file;
  const text = editor.text;
  saving = true;
  showState();
  try {
    const condition = { etag: subject.etag, overwrite };
    const { etag } = await api.saveFile(subject.path, encode(text, subject.lineEnd), condition);
    Object.assign(subject, { etag, saved: text });
    showFacts();
    showConnection('running');
    tree.refresh();
    return true;
  } catch (error) {
    if (error.status !== 412) {
      notify(`${subject.path} is not saved. ${error.message}`, { bad: true });
      noteIfLost(error);
      return false;
    }
    saving = false;
    showState();
    return await resolveConflict(subject, error.message);
  } finally {
    saving = false;
    showState();
  }
}

async function resolveConflict(subject, reason) {
  const { value } = await ask({
    title: `${subject.path} is not saved`,
    text: `${reason} Overwrite it with your text, or reload it and lose your changes?`,
    choices: [
      { value: undefined, label: 'Keep editing' },
      { value: 'reload', label: 'Reload' },
      { value: 'overwrite', label: 'Overwrite', style: 'danger' },
    ],
  });
  if (value === 'overwrite') return save({ overwrite: true });
  if (value === 'reload') await load(subject.path);
  return false;
}

async function create(kind) {
  const { value, text: name } = await ask({
    title: kind === 'folder' ? 'New folder' : 'New file',
    text: `In ${folderName(targetFolder)}`,
    field: kind === 'folder' ? 'data' : 'notes.txt',
    choices: [
      { value: undefined, label: 'Cancel' },
      { value: 'create', label: 'Create', style: 'primary' },
    ],
  });
  if (!value || !name) return;
  if (name.includes('/')) return fail(new Error('A name cannot contain a slash.'));
  const path = join(targetFolder, name);
  try {
    tree.expand(targetFolder);
    if (kind === 'folder') {
      await api.createFolder(path);
      setTarget(path);
      tree.expand(path);
      tree.choose(path);
    } else {
      await api.saveFile(path, '');
      await openFile(path, 0);
    }
  } catch (error) {
    fail(error);
  }
  await tree.refresh();
}

async function removeEntry(path, kind) {
  const text = kind === 'folder' ? 'Everything in the folder is deleted too. ' : '';
  if (!(await confirm(`Delete ${path}?`, `${text}This cannot be undone.`, 'Delete'))) return;
  try {
    await api.remove(path);
    if (file && isWithin(file.path, path)) showFile(undefined);
    if (isWithin(targetFolder, path)) setTarget(parent(path));
  } catch (error) {
    fail(error);
  }
  await tree.refresh();
}

async function upload(files, folder) {
  tree.expand(folder);
  const paths = await uploadFiles(files, folder, workbench.maxFileBytes);
  // An untouched file shows what was uploaded over it; a changed one finds the conflict when it is saved.
  if (file && paths.includes(file.path) && !isUnsaved()) await load(file.path);
  await tree.refresh();
}

/** 502 to 504 come from a gateway. */
function noteIfLost({ status }) {
  if (status === 0 || (status >= 502 && status <= 504)) showConnection('lost');
}

function showConnection(state) {
  const time = new Date(workbench.startedAt ?? 0).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const text = state === 'running' ? `Running since ${time}` : 'Not answering';
  const status = element('connection');
  if (status.textContent !== text) status.textContent = text;
  status.dataset.state = state;
}

async function checkConnection() {
  try {
    workbench = await api.getWorkbench();
    element('workbench-name').textContent = workbench.name;
    element('workbench-id').textContent = workbench.id;
    element('user').textContent = workbench.userId;
    element('user').hidden = !workbench.userId;
    showConnection('running');
    showState();
  } catch {
    showConnection('lost');
  }
}

element('new-file').addEventListener('click', () => create('file'));
element('new-folder').addEventListener('click', () => create('folder'));
element('refresh').addEventListener('click', () => tree.refresh());
element('upload').addEventListener('click', () => element('upload-input').click());
element('upload-input').addEventListener('change', ({ target }) => {
  const files = [...target.files];
  target.value = '';
  upload(files, targetFolder);
});
element('save').addEventListener('click', () => save());
element('remove').addEventListener('click', () => removeEntry(file.path, 'file'));
element('download').addEventListener('click', () => api.downloadFile(file.path));
element('placeholder-download').addEventListener('click', () => api.downloadFile(file.path));
element('back').addEventListener('click', () => {
  document.body.dataset.view = 'files';
});
element('tree').addEventListener('click', ({ target }) => {
  if (target === element('tree')) {
    setTarget('');
    tree.choose(undefined);
  }
});
acceptDrops(() => targetFolder, upload);
addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 's') {
    event.preventDefault();
    if (!element('dialog').open) save();
  }
});
addEventListener('beforeunload', (event) => {
  if (isUnsaved()) event.preventDefault();
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  checkConnection();
  tree.refresh();
});
setInterval(() => document.hidden || checkConnection(), CONNECTION_CHECK_MS);

await Promise.all([checkConnection(), tree.refresh()]);
