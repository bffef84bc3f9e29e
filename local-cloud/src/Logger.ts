type Log = (fields: object, message: string) => void;

/** What the local cloud tells: pino's loggers will do, among others. */
export type Logger = Readonly<Record<'debug' | 'info' | 'warn' | 'error', Log>>;
