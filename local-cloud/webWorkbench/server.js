// The default workbench: a small web page for the files of one workspace. Plain Node and no dependencies, so that it
// runs as `node server.js` wherever a task runs: as a process of the local cloud, or in a bare Node image.
import { createServer } from 'node:http';
import { loadPage } from './page.js';
import { createRoutes } from './routes.js';
import { readSettings } from './settings.js';
import { WorkspaceFiles } from './WorkspaceFiles.js';

/** A large file over a slow line takes longer than Node's default of five minutes. */
const REQUEST_TIMEOUT_MS = 3_600_000;
/** Longer than a gateway keeps its idle connections, so that it never sends into one that is being closed. */
const KEEP_ALIVE_MS = 75_000;
/** What a task is given to finish after SIGTERM is ten seconds at the least; this stays well below. */
const EXIT_AT_LATEST_MS = 2_000;

const settings = readSettings(process.env, process.cwd());
if ('faults' in settings) {
  console.error(JSON.stringify({ error: settings.faults.join(' ') }));
  process.exit(1);
}

const server = createServer(
  { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
  createRoutes({
    basePath: settings.basePath,
    workbench: { ...settings.workbench, startedAt: new Date().toISOString() },
    files: new WorkspaceFiles({ folder: settings.workspacePath, maxFileBytes: settings.maxFileBytes }),
    maxFileBytes: settings.maxFileBytes,
    page: await loadPage(new URL('./page/', import.meta.url)),
    logError: (error) => console.error(JSON.stringify({ error: error instanceof Error ? error.stack : String(error) })),
  }),
);

server.on('error', (error) => {
  console.error(JSON.stringify({ error: error.message }));
  process.exit(1);
});

// Closing the connections ends every upload, and each removes its temporary file; then nothing keeps the process.
const stop = () => {
  server.close();
  server.closeAllConnections();
  setTimeout(() => process.exit(0), EXIT_AT_LATEST_MS).unref();
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);

server.listen(settings.port, settings.host, () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  console.log(JSON.stringify({ listening: { host: settings.host, port, basePath: `${settings.basePath}/` } }));
});
