import type { ContainerExit, ContainerRuntime, ContainerSpec, RunningContainer } from './ContainerRuntime.ts';

/** The discard port: nothing answers there, and nothing should. */
const dummyPort = 9;

/** As Docker reports a container that SIGTERM ended. */
const terminated: ContainerExit = { exitCode: 143, reason: undefined };

/** Containers that are no process at all and run until stopped: thousands of tasks cost nothing. */
export function createIdleRuntime(): ContainerRuntime {
  const running = new Set<RunningContainer>();

  function start(spec: ContainerSpec): RunningContainer {
    let end: (exit: ContainerExit) => void = () => {};
    const exited = new Promise<ContainerExit>((resolve) => {
      end = resolve;
    });
    const container: RunningContainer = {
      runtimeId: `${spec.taskId}-idle`,
      ports: spec.containerPorts.map((containerPort) => ({ containerPort, hostPort: dummyPort })),
      health: () => 'UNKNOWN',
      exited,
      async stop() {
        running.delete(container);
        end(terminated);
      },
    };
    running.add(container);
    return container;
  }

  return {
    async open() {},
    async prepare() {},
    start: async (spec) => start(spec),
    async close() {
      await Promise.all([...running].map((container) => container.stop()));
    },
  };
}
