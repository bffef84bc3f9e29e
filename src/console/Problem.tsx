import { ApiError } from '../client/createClient.ts';

/** A refusal, or that no answer came: what it was, its code, and what the log knows it by. */
export function Problem({ error }: Readonly<{ error: unknown }>) {
  const { message, code, request, faults } = read(error);
  return (
    <div class="problem">
      <p>{message}</p>
      {faults.length > 0 && (
        <ul>
          {faults.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      )}
      <p class="fine">
        <code>{code}</code>
        {request && (
          <>
            {' · request '}
            <code>{request}</code>
          </>
        )}
      </p>
    </div>
  );
}

function read(error: unknown) {
  if (error instanceof ApiError) {
    const { message, code = `status ${error.status}`, requestId: request, details } = error;
    const faults = Array.isArray(details) ? details.map((fault) => `${fault.field}: ${fault.message}`) : [];
    return { message, code, request, faults: faults.length > 1 ? faults : [] };
  }
  const message =
    error instanceof TypeError
      ? 'The controller does not answer. Is it running, and is the network there?'
      : String(error instanceof Error ? error.message : error);
  return { message, code: 'no_answer', request: undefined, faults: [] };
}
