import { saveFile } from './api.js';
import { ask, notify } from './dialogs.js';
import { folderName, formatSize, join } from './paths.js';

const element = (id) => document.getElementById(id);

/** One after the other, so that a question about one file is answered before the next. Answers the paths uploaded. */
export async function uploadFiles(files, folder, maxFileBytes) {
  const done = [];
  for (const [index, file] of files.entries()) {
    if (file.size > maxFileBytes) {
      notify(`${file.name} is larger than ${formatSize(maxFileBytes)} and was not uploaded.`, { bad: true });
      continue;
    }
    element('upload').textContent = files.length > 1 ? `${index + 1} of ${files.length}…` : 'Uploading…';
    try {
      const path = join(folder, file.name);
      if (await uploadFile(path, file)) done.push(path);
    } catch (error) {
      notify(`${file.name} was not uploaded. ${error.message}`, { bad: true });
    }
  }
  element('upload').textContent = 'Upload';
  if (done.length > 0) {
    notify(`Uploaded ${done.length === 1 ? done[0] : `${done.length} files to ${folderName(folder)}`}.`);
  }
  return done;
}

async function uploadFile(path, file) {
  try {
    await saveFile(path, file);
  } catch (error) {
    if (error.status !== 412) throw error;
    const { value } = await ask({
      title: `Replace ${file.name}?`,
      text: 'There is already a file of this name.',
      choices: [
        { value: undefined, label: 'Keep the old one' },
        { value: 'replace', label: 'Replace', style: 'danger' },
      ],
    });
    if (value === undefined) return false;
    await saveFile(path, file, { overwrite: true });
  }
  return true;
}

/** Files dropped anywhere; over a folder in the tree they go there. `upload(files, folder)`. */
export function acceptDrops(defaultFolder, upload) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes('Files');
  const folderAt = (event) => {
    const row = event.target.closest?.('.row');
    if (row?.dataset.kind !== 'folder') return { folder: defaultFolder() };
    return { folder: row.dataset.path, row };
  };
  const mark = (row) => {
    for (const other of document.querySelectorAll('.row.over')) if (other !== row) other.classList.remove('over');
    row?.classList.add('over');
  };
  const end = () => {
    element('drop').hidden = true;
    mark(undefined);
  };
  addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    const { folder, row } = folderAt(event);
    mark(row);
    element('drop-target').textContent = folderName(folder);
    element('drop').hidden = false;
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) end();
  });
  addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    end();
    const items = [...event.dataTransfer.items].filter((item) => item.kind === 'file');
    const files = items.filter((item) => !item.webkitGetAsEntry?.()?.isDirectory).map((item) => item.getAsFile());
    if (files.length < items.length) {
      notify('Folders cannot be uploaded. Make the folder here and drop its files.', { bad: true });
    }
    if (files.length > 0) upload(files, folderAt(event).folder);
  });
}
