import process from 'node:process';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { PinoPretty } from 'pino-pretty';

/** JSON lines; on a terminal, lines for people. Secrets never get this far, the paths are a second fence. */
export function createLogger(level: string, terminal: boolean, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: ['*.authorization', 'authorization', 'headers.authorization', 'headers.cookie'],
  };
  if (destination) return pino(options, destination);
  // Node's own stream, not pino's, which at exit tries for ever to write what nobody reads any more.
  process.stdout.on('error', () => undefined);
  if (!terminal) return pino(options, process.stdout);
  const lines = { translateTime: 'HH:MM:ss', ignore: 'pid,hostname', destination: process.stdout };
  return pino(options, PinoPretty({ ...lines, sync: true }));
}
