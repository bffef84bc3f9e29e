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
  if (!terminal) return pino(options);
  return pino(options, PinoPretty({ sync: true, translateTime: 'HH:MM:ss', ignore: 'pid,hostname' }));
}
