import { afterEach, describe, expect, test } from '@jest/globals';
import { World } from './standIns.ts';

let world: World;
afterEach(() => world.remove());

const ecr = '111122223333.dkr.ecr.us-west-1.amazonaws.com/h1st/workbench-controller';

describe('build.sh', () => {
  test('without a TAG, builds the git revision and latest, with version and revision as build arguments, and pushes nothing', async () => {
    world = new World();
    const short = world.revision.slice(0, 12);
    const result = await world.run('build.sh', []);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(world.calls()).toEqual([
      `docker build --tag h1st/workbench-controller:${short} --build-arg VERSION=1.2.3 --build-arg REVISION=${world.revision} --build-arg SOURCE= .`,
      `docker tag h1st/workbench-controller:${short} h1st/workbench-controller:latest`,
    ]);
  });

  test('in a dirty tree, without pushing, marks tag and revision as dirty', async () => {
    world = new World();
    world.dirty();
    await world.run('build.sh', []);
    expect(world.calls()[0]).toContain(
      `:${world.revision.slice(0, 12)}-dirty --build-arg VERSION=1.2.3 --build-arg REVISION=${world.revision}-dirty`,
    );
  });

  test("with PUSH=yes, logs in to the account's ECR after the build and pushes the tag before latest", async () => {
    world = new World();
    const result = await world.run('build.sh', ['v1'], { PUSH: 'yes' });
    expect(result.code).toBe(0);
    const calls = world.calls().filter((call) => !call.startsWith('docker build'));
    expect(calls).toHaveLength(6);
    expect(calls[0]).toBe('aws sts get-caller-identity --query Account --output text');
    expect(calls[1]).toBe(`docker tag ${ecr}:v1 ${ecr}:latest`);
    // The two ends of a pipe start in any order.
    expect(calls.slice(2, 4).sort()).toEqual([
      'aws ecr get-login-password --region us-west-1',
      'docker login --username AWS --password-stdin 111122223333.dkr.ecr.us-west-1.amazonaws.com',
    ]);
    expect(calls.slice(4)).toEqual([`docker push ${ecr}:v1`, `docker push ${ecr}:latest`]);
    expect(world.has('password')).toBe(true);
    expect(result.stdout + result.stderr + world.calls().join('\n')).not.toContain('the-ecr-password');
  });

  test("with a REPO that names an ECR registry, logs in to that one, in that one's region", async () => {
    world = new World();
    await world.run('build.sh', ['v1'], {
      PUSH: 'yes',
      REPO: '5.dkr.ecr.eu-west-1.amazonaws.com/wb',
      AWS_REGION: 'us-east-1',
    });
    expect(world.calls('aws')).toEqual(['aws ecr get-login-password --region eu-west-1']);
    expect(world.calls('docker push')).toEqual([
      'docker push 5.dkr.ecr.eu-west-1.amazonaws.com/wb:v1',
      'docker push 5.dkr.ecr.eu-west-1.amazonaws.com/wb:latest',
    ]);
  });

  test('with a REPO on another registry, pushes there without asking AWS anything', async () => {
    world = new World();
    await world.run('build.sh', ['v1'], { PUSH: 'yes', REPO: 'localhost:5000/wb' });
    expect(world.calls('aws')).toEqual([]);
    expect(world.calls('docker push')[0]).toBe('docker push localhost:5000/wb:v1');
  });

  test('when the push of the tag fails, does not push latest', async () => {
    world = new World();
    world.put('fails/push');
    expect(await world.run('build.sh', ['v1'], { PUSH: 'yes' })).toMatchObject({ code: 1 });
    expect(world.calls('docker push')).toEqual([`docker push ${ecr}:v1`]);
  });

  test('pushing a dirty tree is refused before anything is built, and done with ALLOW_DIRTY=yes', async () => {
    world = new World();
    world.dirty();
    const refused = await world.run('build.sh', ['v1'], { PUSH: 'yes' });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('ALLOW_DIRTY=yes') });
    expect(world.calls()).toEqual([]);
    expect(await world.run('build.sh', ['v1'], { PUSH: 'yes', ALLOW_DIRTY: 'yes' })).toMatchObject({ code: 0 });
    expect(world.calls('docker push')).toHaveLength(2);
  });

  test.each(['a b', 'v1;touch x', '.v1', 'ä', 'x'.repeat(129)])(
    'the bad tag %j is refused and nothing is called',
    async (tag) => {
      world = new World();
      expect(await world.run('build.sh', [tag])).toMatchObject({ code: 1, stderr: expect.stringContaining('TAG') });
      expect(world.calls()).toEqual([]);
    },
  );

  test('with --dry-run, prints the commands in their order and runs none of them', async () => {
    world = new World();
    const result = await world.run('build.sh', ['--dry-run', 'v1'], {
      PUSH: 'yes',
      REPO: '5.dkr.ecr.eu-west-1.amazonaws.com/wb',
    });
    expect(result.stdout.split('\n').map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      '+ docker build',
      '+ docker tag',
      '+ aws ecr',
      '+ docker push',
      '+ docker push',
      '',
    ]);
    expect(world.calls()).toEqual([]);
  });

  test('CONTAINER_CLI chooses podman; podman is also taken where docker is missing', async () => {
    world = new World();
    await world.run('build.sh', ['v1'], { CONTAINER_CLI: 'podman' });
    expect(world.calls('podman')).toHaveLength(2);
    world.remove();
    world = new World(['podman']);
    expect(await world.run('build.sh', ['v1'])).toMatchObject({ code: 0 });
    expect(world.calls('podman')).toHaveLength(2);
  });

  test("a password in the remote's address does not reach the image's labels", async () => {
    world = new World();
    world.git('remote', 'add', 'origin', 'https://someone:hunter2@git.example.com/wb.git');
    await world.run('build.sh', ['v1']);
    expect(world.calls()[0]).toContain('SOURCE=https://git.example.com/wb.git');
  });

  test('--help tells every variable', async () => {
    world = new World();
    const { stdout } = await world.run('build.sh', ['--help']);
    for (const word of ['REPO', 'PUSH', 'ALLOW_DIRTY', 'AWS_REGION', 'CONTAINER_CLI', '--dry-run'])
      expect(stdout).toContain(word);
  });
});
