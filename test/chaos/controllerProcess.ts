import process from 'node:process';
import { promptCalls, startController, type TestController } from '../support/startController.ts';
import { chaosPace } from './controllers.ts';

/** A controller as a process of its own; its parent says by message which cloud to work with. Dies with its parent. */
let controller: TestController | undefined;

async function serve(cloudUrl: string): Promise<void> {
  controller = await startController(cloudUrl, {}, { pace: { ...chaosPace, ...promptCalls } });
  process.send?.({ url: controller.url });
}

async function end(): Promise<void> {
  await controller?.close();
  process.send?.({ ended: true });
}

process.on('message', (message: Readonly<{ serve?: string; end?: true }>) => {
  if (message.serve) void serve(message.serve);
  if (message.end) void end();
});
process.on('disconnect', () => process.exit(0));
process.send?.({ warm: true });
