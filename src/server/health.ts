// GET /healthz: the process answers. GET /readyz: Postgres does, too, so that a call can be taken.
import type { FrontApp, FrontParts } from './app.js';
import { notNow } from './problem.js';

export function addHealthRoutes(app: FrontApp, { door }: Pick<FrontParts, 'door'>): void {
  app.get('/healthz', { config: { scope: null }, schema: { hide: true } }, async () => ({ ok: true }));
  app.get('/readyz', { config: { scope: null }, schema: { hide: true } }, async () => {
    await door.pool.query('select 1').catch(() => {
      throw notNow('postgres_away', 'Postgres does not answer');
    });
    return { ok: true };
  });
}
