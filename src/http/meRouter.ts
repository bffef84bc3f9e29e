import { type RequestHandler, Router } from 'express';
import type { Identity } from '../access/Identity.ts';
import { identityOf } from './authenticate.ts';
import { methodNotAllowed } from './methodNotAllowed.ts';
import type { Me } from './schemas/me.ts';

/** Further ahead no date reaches; a token may say what it likes. */
const LAST_MOMENT = 8.64e15;

/** Who the caller is, as its token has it. */
export function meRouter(): RequestHandler {
  const router = Router();
  router
    .route('/me')
    .get((_request, response) => {
      response.json({ success: true, item: itemOf(identityOf(response)) });
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}

function itemOf({ userId, operator, expiresAt }: Identity): Me {
  return {
    ...(userId === undefined ? {} : { user_id: userId }),
    operator,
    ...(expiresAt !== undefined && expiresAt <= LAST_MOMENT ? { expires_at: new Date(expiresAt).toISOString() } : {}),
  };
}
