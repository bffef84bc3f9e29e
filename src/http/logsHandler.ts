import type { Request, Response } from 'express';
import { readRequest } from './readRequest.ts';
import { DEFAULT_LINES, reading } from './schemas/logs.ts';

export type LogsDependencies = Readonly<{
  service: Readonly<{ logs: (userId: string, id: string, lines: number) => Promise<readonly string[]> }>;
}>;

/** The last lines of the last run, as they were printed. */
export function logsHandler({ service }: LogsDependencies) {
  return async (request: Request, response: Response): Promise<void> => {
    const { userId, query } = readRequest(request, response, reading);
    const lines = await service.logs(userId, String(request.params['workbenchId']), query.lines ?? DEFAULT_LINES);
    response.type('text/plain; charset=utf-8').send(lines.map((line) => `${line}\n`).join(''));
  };
}
