import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../awsError.ts';
import type { Logger } from '../Logger.ts';
import type { Operations } from '../operation.ts';
import type { TimingSettings } from '../TimingSettings.ts';
import { AwsCalls, type OnCall } from './AwsCalls.ts';
import { CallCounter } from './CallCounter.ts';
import { Control, type ControlAnswer } from './Control.ts';
import { efsProtocol } from './efsProtocol.ts';
import { Faults } from './Faults.ts';
import { isOwnHost } from './isOwnHost.ts';
import { ecsProtocol, logsProtocol } from './jsonProtocols.ts';
import { type ServiceName, serviceNames, type WireAnswer } from './protocol.ts';
import { RateLimits } from './RateLimits.ts';
import { readBody } from './readBody.ts';

export type FrontDependencies = Readonly<{
  services: Readonly<Record<ServiceName, Operations>>;
  timing: TimingSettings;
  /** From 0 up to but not including 1; decides on faults that have a probability. */
  random: () => number;
  /** Milliseconds that never go back, for the rate limits. */
  monotonicNow: () => number;
  newRequestId: () => string;
  onCall: OnCall | undefined;
  logger: Logger;
  closing: AbortSignal;
  /** Where the port listens: if that is a name, it may be called by it. */
  host?: string;
}>;

/** The local cloud's HTTP side, to be given to a server. */
export type Front = Readonly<{
  handle(request: IncomingMessage, response: ServerResponse): void;
  control: Control;
}>;

export function createFront(dependencies: FrontDependencies): Front {
  const { services, timing, logger, closing, newRequestId } = dependencies;
  const names = (service: ServiceName): ReadonlySet<string> => new Set(Object.keys(services[service]));
  const protocols = [efsProtocol(names('efs')), logsProtocol(names('logs')), ecsProtocol(names('ecs'))];
  const counter = new CallCounter();
  const faults = new Faults(dependencies.random);
  const known = new Set(serviceNames.flatMap((service) => [...names(service)].map((name) => `${service}:${name}`)));
  const control = new Control(counter, faults, timing, known);
  const rateLimits = new RateLimits(dependencies.monotonicNow);
  const calls = new AwsCalls({ ...dependencies, counter, faults, rateLimits });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request;
    const [, absolute, target = '/'] = /^(?:https?:\/\/([^/?#]*))?(.*)$/is.exec(request.url ?? '/') ?? [];
    const url = target === '' ? '/' : target;
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = mark < 0 ? '' : url.slice(mark + 1);
    // Signatures are not checked and a task runs commands: a web page that the developer has open must not get through.
    if (!isOwnHost(absolute ?? headers.host, dependencies.host)) {
      const message = 'Call it by localhost or an IP address: no other name is this cloud’s';
      return sendJson(response, { status: 421, body: { message } });
    }
    const site = headers['sec-fetch-site'];
    if (headers.origin !== undefined || (site !== undefined && site !== 'none')) {
      return sendJson(response, { status: 403, body: { message: 'Not for browsers' } });
    }
    const body = await readBody(request);
    if (control.owns(path)) {
      return sendJson(
        response,
        body === undefined ? { status: 413, body: { message: 'Body too large' } } : control.answer(method, path, body),
      );
    }
    const head = { method, path, query, headers };
    const protocol = protocols.find((candidate) => candidate.owns(head));
    if (protocol === undefined) {
      return sendJson(response, { status: 404, body: { message: 'No call of ECS, EFS or CloudWatch Logs' } });
    }
    if (body === undefined) {
      const error = new AwsError('RequestEntityTooLargeException', 'The request body is over 4 MiB', 413);
      return send(response, protocol.refusal(error), newRequestId());
    }
    const outcome = await calls.answer(protocol, { ...head, body });
    if (outcome === 'reset') request.socket.resetAndDestroy();
    // A timeout leaves the socket as it is: it ends when the client gives up or the cloud closes.
    else if (outcome !== 'timeout') send(response, outcome, newRequestId());
  }

  return {
    control,
    handle: (request, response) => {
      respond(request, response).catch((error: unknown) => {
        // A client that left, or a call that the closing cut short, is nobody's fault.
        if (!request.complete || closing.aborted) return;
        logger.error({ err: error }, 'local cloud: request failed unexpectedly');
        request.socket.destroy();
      });
    },
  };
}

function send(response: ServerResponse, answer: WireAnswer, requestId: string): void {
  response.writeHead(answer.status, {
    'x-amzn-requestid': requestId,
    ...(answer.errorType === undefined ? {} : { 'x-amzn-errortype': answer.errorType }),
    ...(answer.contentType === undefined
      ? {}
      : { 'content-type': answer.contentType, 'content-length': Buffer.byteLength(answer.body) }),
  });
  response.end(answer.body);
}

function sendJson(response: ServerResponse, answer: ControlAnswer): void {
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    ...(answer.allow === undefined ? {} : { allow: answer.allow }),
  });
  response.end(`${JSON.stringify(answer.body)}\n`);
}
