import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { freePort, listens } from './ProxyProcess.ts';

/** Beside the sources, not beside what was built of them. */
const deploy = fileURLToPath(new URL('../../../../deploy/nginx', import.meta.url));

/** nginx with the configuration of `deploy/`, before gateways at these ports; without TLS, which none of the others has. */
export async function nginx(
  gateways: readonly number[],
): Promise<Readonly<{ port: number; end(): Promise<void> }> | undefined> {
  if (spawnSync('nginx', ['-v']).status !== 0) return undefined;
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'workbench-bench-nginx-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  cpSync(deploy, join(folder, 'workbench'), { recursive: true });
  const servers = gateways.map((its) => `server 127.0.0.1:${its} max_fails=1 fail_timeout=2s;\n`).join('');
  replace(join(folder, 'workbench/controllers.conf'), /( +server 10\..*;\n)+/, servers);
  replace(join(folder, 'workbench/balancer.conf'), /listen 443 ssl;/, `listen 127.0.0.1:${port};`);
  replace(join(folder, 'workbench/balancer.conf'), / +ssl_certificate.*\n/g, '');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${kind};`);
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; worker_processes auto; pid nginx.pid;
events { worker_connections 4096; }
http { access_log off; ${temporary.join(' ')} include workbench/balancer.conf; }\n`,
  );
  const server = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  process.once('exit', () => server.kill('SIGTERM'));
  await listens(port);
  return {
    port,
    async end() {
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

function replace(file: string, pattern: RegExp, by: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(pattern, by));
}
