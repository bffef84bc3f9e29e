import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the scripts may find on the PATH besides the stand-ins; nothing else of the machine reaches them. */
const realTools = ['bash', 'sh', 'git', 'cat', 'dirname', 'head', 'mkdir', 'mv', 'rm', 'sed', 'sleep', 'ls', 'touch'];

/** Writes its call as one line; `$WORLD` is the folder that holds the stand-ins' state. */
const preamble = `#!/bin/sh
printf '%s %s\\n' "\${0##*/}" "$*" >>"$WORLD/calls"
`;

/** Keeps one folder a container: image, port, running, env file. An image whose name is in `broken-images` exits at once. */
const containers = `
dir=$WORLD/containers
command=$1; shift
refuse() { echo "Error: $1" >&2; exit 1; }
if [ -f "$WORLD/fails/$command" ]; then refuse "$command refused"; fi
last() { for word; do :; done; echo "$word"; }
case $command in
  login) cat >"$WORLD/password" ;;
  run)
    while [ $# -gt 1 ]; do
      case $1 in
        --name) name=$2; shift ;;
        --publish) port=\${2%:*}; port=\${port##*:}; shift ;;
        --env) env=\${2#PORT=}; shift ;;
        --network) network=$2; shift ;;
        --env-file) [ -r "$2" ] || refuse "no env file"; shift ;;
        --restart | --tmpfs | --cap-drop | --security-opt | --log-driver | --log-opt) shift ;;
      esac
      shift
    done
    if [ "\${network:-}" = host ]; then port=$env; fi
    [ ! -d "$dir/$name" ] || refuse "name in use: $name"
    for other in "$dir"/*; do
      if [ -f "$other/running" ] && [ "$(cat "$other/port")" = "$port" ]; then refuse "port is allocated: $port"; fi
    done
    mkdir -p "$dir/$name"
    echo "$1" >"$dir/$name/image"
    echo "$port" >"$dir/$name/port"
    if [ ! -f "$WORLD/exits/\${1##*:}" ]; then touch "$dir/$name/running"; fi
    echo 0123456789ab ;;
  inspect)
    name=$(last "$@")
    [ -d "$dir/$name" ] || refuse "no such container: $name"
    if [ -f "$dir/$name/running" ]; then echo true; else echo false; fi ;;
  stop) [ -d "$dir/$1" ] || refuse "no such container: $1"; rm -f "$dir/$1/running" ;;
  start) [ -d "$dir/$1" ] || refuse "no such container: $1"; touch "$dir/$1/running" ;;
  rename) [ ! -d "$dir/$2" ] || refuse "name in use: $2"; mv "$dir/$1" "$dir/$2" ;;
  rm)
    name=$(last "$@")
    [ -d "$dir/$name" ] || refuse "no such container: $name"
    if [ $# = 1 ] && [ -f "$dir/$name/running" ]; then refuse "container is running: $name"; fi
    rm -rf "$dir/$name" ;;
  logs) echo "log of $(cat "$dir/$(last "$@")/image")" ;;
esac
`;

/** Answers for the running container on that port: what `answers/<tag>-<port>`, else `answers/<tag>`, holds, else 200. */
const curl = `
for word; do url=$word; done
port=\${url#http://*:}; port=\${port%%/*}
for one in "$WORLD"/containers/*; do
  if [ -f "$one/running" ] && [ "$(cat "$one/port")" = "$port" ]; then
    tag=$(cat "$one/image"); tag=\${tag##*:}
    for file in "$WORLD/answers/$tag-$port" "$WORLD/answers/$tag"; do
      if [ -f "$file" ]; then cat "$file"; exit; fi
    done
    printf '{"success":true}\\n200'; exit
  fi
done
printf '\\n000'; exit 7
`;

const aws = `
case $1 in
  sts) echo 111122223333 ;;
  ecr) echo the-ecr-password ;;
esac
`;

/** The host is this machine: the last word is the command, read by a shell as sshd would have it read. */
const ssh = `
for word; do command=$word; done
exec sh -c "$command"
`;

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

/** A git repository with the two scripts, a host folder, and stand-ins for everything the scripts call. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'scripts-'));
  readonly repository = join(this.folder, 'repository');
  readonly host = join(this.folder, 'host folder');
  private readonly bin = join(this.folder, 'bin');

  constructor(commands: string[] = ['docker', 'podman']) {
    for (const name of ['repository', 'host folder', 'bin', 'containers', 'answers', 'exits', 'fails']) {
      mkdirSync(join(this.folder, name));
    }
    for (const tool of realTools) {
      symlinkSync(execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), join(this.bin, tool));
    }
    for (const command of commands) this.standIn(command, containers);
    this.standIn('curl', curl);
    this.standIn('aws', aws);
    this.standIn('ssh', ssh);
    for (const file of ['build.sh', 'deploy.sh']) cpSync(file, join(this.repository, file));
    writeFileSync(
      join(this.repository, 'package.json'),
      '{\n  "name": "workbench-controller",\n  "version": "1.2.3"\n}\n',
    );
    writeFileSync(join(this.host, '.env'), 'RESTAPI_AUTH_STATIC_KEY=the-static-key\n');
    this.git('init', '--quiet');
    this.git('add', '.');
    this.git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '--message', 'first');
  }

  get revision(): string {
    return this.git('rev-parse', 'HEAD').trim();
  }

  git(...words: string[]): string {
    return execFileSync('git', words, { cwd: this.repository, encoding: 'utf8' });
  }

  dirty(): void {
    writeFileSync(join(this.repository, 'unsaved'), '');
  }

  run(script: string, words: string[], environment: Record<string, string> = {}): Promise<Result> {
    const child = spawn(join(this.repository, script), words, {
      env: { PATH: this.bin, WORLD: this.folder, HOME: this.folder, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const result: Result = { code: -1, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      result.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      result.stderr += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ ...result, code: code ?? -1 }));
    });
  }

  deploy(tag: string, environment: Record<string, string> = {}): Promise<Result> {
    return this.run('deploy.sh', [tag], {
      DEPLOY_HOST: 'host.example.com',
      DEPLOY_DIR: this.host,
      REPO: '5.dkr.ecr.eu-west-1.amazonaws.com/wb',
      READY_TIMEOUT: '0',
      READY_INTERVAL: '0.01',
      ...environment,
    });
  }

  /** The calls made so far, oldest first; those of one command if it is given. */
  calls(command = ''): string[] {
    const file = join(this.folder, 'calls');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .filter((line) => line.startsWith(command));
  }

  put(path: string, text = ''): void {
    writeFileSync(join(this.folder, path), text);
  }

  has(path: string): boolean {
    return existsSync(join(this.folder, path));
  }

  container(name: string, tag: string, port: number, running: boolean): void {
    const folder = join(this.folder, 'containers', name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'image'), `wb:${tag}\n`);
    writeFileSync(join(folder, 'port'), `${port}\n`);
    if (running) writeFileSync(join(folder, 'running'), '');
  }

  /** Name, tag, host port and whether it runs, of every container on the host. */
  containers(): string[] {
    const folder = join(this.folder, 'containers');
    return readdirSync(folder)
      .sort()
      .map((name) => {
        const read = (file: string) => readFileSync(join(folder, name, file), 'utf8').trim();
        return `${name} ${read('image').split(':').at(-1)} ${read('port')} ${existsSync(join(folder, name, 'running')) ? 'running' : 'stopped'}`;
      });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private standIn(command: string, body: string): void {
    const file = join(this.bin, command);
    writeFileSync(file, preamble + body);
    chmodSync(file, 0o755);
  }
}
