import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually.ts';

export type ProxyName = 'nginx' | 'caddy';
/** Before the controllers' gateways, or reaching the tasks itself. */
export type Shape = 'balancer' | 'direct';

export type RunningProxy = Readonly<{ port: number; log(): string; [Symbol.asyncDispose](): Promise<void> }>;

const deploy = fileURLToPath(new URL('../../deploy', import.meta.url));

/** Of a certificate that lacks one, Caddy would go and get it. */
const names = ['cloud.example.net', 'api.example.net', '*.wb.example.net'].map((name) => `DNS:${name}`).join();

/** A port of loopback that is free at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The real program with the configuration of `deploy/`: of it, ports, certificates and the controllers' addresses are replaced. */
export async function startProxy(
  name: ProxyName,
  shape: Shape,
  { port, controllers }: Readonly<{ port: number; controllers: readonly string[] }>,
): Promise<RunningProxy> {
  const folder = await mkdtemp(join(tmpdir(), `workbench-${name}-`));
  const [certificate, key] = [join(folder, 'its.crt'), join(folder, 'its.key')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=cloud.example.net', '-addext', `subjectAltName=${names}`, '-keyout', key, '-out', certificate],
  ]);
  const given = { folder, shape, port, controllers, certificate, key };
  const [program, argv, environment] = name === 'nginx' ? await nginx(given) : await caddy(given);
  const child = spawn(program, argv, {
    env: { PATH: process.env['PATH'], HOME: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const keep = (chunk: unknown) => {
    log += String(chunk);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  // A failed run leaves none behind.
  const endWithThisProcess = () => child.kill('SIGKILL');
  process.once('exit', endWithThisProcess);
  await eventually(() => {
    if (child.exitCode !== null) throw new Error(`${name} ended:\n${log}`);
    return listens(port);
  }, Boolean);
  return {
    port,
    log: () => log,
    async [Symbol.asyncDispose]() {
      process.removeListener('exit', endWithThisProcess);
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Given = Readonly<{
  folder: string;
  shape: Shape;
  port: number;
  controllers: readonly string[];
  certificate: string;
  key: string;
}>;
type Command = readonly [program: string, argv: readonly string[], environment: Readonly<Record<string, string>>];

async function nginx({ folder, shape, port, controllers, certificate, key }: Given): Promise<Command> {
  await mkdir(join(folder, 'workbench'));
  const servers = controllers.map((address) => `server ${address} max_fails=1 fail_timeout=2s;`).join('\n');
  for (const file of await readdir(join(deploy, 'nginx'))) {
    const text = (await readFile(join(deploy, 'nginx', file), 'utf8'))
      .replaceAll('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
      .replaceAll('/etc/ssl/workbench.crt', certificate)
      .replaceAll('/etc/ssl/workbench.key', key)
      .replace(/( +server 10\..*;\n)+/, `${servers}\n`);
    await writeFile(join(folder, 'workbench', file), text);
  }
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  const main = `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.join(' ')}
  include workbench/${shape}.conf;
}
`;
  await writeFile(join(folder, 'nginx.conf'), main);
  return ['nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {}];
}

async function caddy({ folder, shape, port, controllers, certificate, key }: Given): Promise<Command> {
  const file = join(folder, 'Caddyfile');
  const options = `{
  admin off
  auto_https disable_redirects
  grace_period 1s
  default_bind 127.0.0.1
  servers {
    protocols h1 h2
  }
}`;
  await writeFile(file, `${options}\nimport ${deploy}/caddy/${shape}.Caddyfile\n`);
  const at = (...names: readonly string[]) => names.map((name) => `${name}:${port}`).join(', ');
  return [
    'caddy',
    ['run', '--config', file, '--adapter', 'caddyfile'],
    {
      WORKBENCH_CONTROLLERS: controllers.join(' '),
      WORKBENCH_CERTIFICATE: certificate,
      WORKBENCH_KEY: key,
      WORKBENCH_SITES: at('cloud.example.net', '*.wb.example.net'),
      WORKBENCH_API: at('api.example.net'),
      WORKBENCH_HOSTS: at('*.wb.example.net'),
      WORKBENCH_PATHS: at('cloud.example.net'),
    },
  ];
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const open = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return open;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
