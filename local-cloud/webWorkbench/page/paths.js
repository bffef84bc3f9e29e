export const join = (folder, name) => (folder ? `${folder}/${name}` : name);
export const parent = (path) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
export const isWithin = (path, folder) => path === folder || folder === '' || path.startsWith(`${folder}/`);
export const folderName = (folder) => (folder === '' ? 'the workspace' : folder);

export function formatSize(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1000 ** power;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${units[power - 1]}`;
}
