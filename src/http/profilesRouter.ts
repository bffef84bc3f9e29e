import { type RequestHandler, Router } from 'express';
import type { Profile, Profiles } from '../workbench/model/Profile.ts';
import { methodNotAllowed } from './methodNotAllowed.ts';
import type { ProfileItem } from './schemas/profiles.ts';

/** What may be created; how it is run is the operator's. */
export function profilesRouter({ all, usual }: Pick<Profiles, 'all' | 'usual'>): RequestHandler {
  const router = Router();
  const items = all.map((profile) => itemOf(profile, profile === usual));
  router
    .route('/profiles')
    .get((_request, response) => {
      response.json({ success: true, items });
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}

function itemOf({ name, title, image, size, gpu, architecture, ephemeralGib }: Profile, usual: boolean): ProfileItem {
  return {
    name,
    ...(title === undefined ? {} : { title }),
    default: usual,
    image,
    cpu: size.cpu,
    memory: size.memory,
    ...(gpu === undefined ? {} : { gpu }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(ephemeralGib === undefined ? {} : { ephemeral_gib: ephemeralGib }),
  };
}
