// The client behind `connect`: the commands' own steps, with results instead of lines.
import type { Config } from '../../config.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { stopSync } from '../sync/stop-sync.js';
import { knownSource } from '../sources/known-source.js';
import type { ConnectOptions, Tributary } from './connect.js';
import { listEvents } from './event-listing.js';
import { openLinks } from './links.js';
import { pause, resume } from './pausing.js';
import { record } from './recording.js';
import { silent, sync } from './running-sync.js';
import { statusOf } from './status.js';

export async function openClient(config: Config, options: ConnectOptions): Promise<Tributary> {
  const links = await openLinks(config, options);
  return {
    sync: (source, settings = {}) => sync(links, source, settings),
    record: (events, where = {}) => record(links.door, events, where),
    events: (query = {}) => listEvents(links.pool, links.registry.catalogue, query),
    status: () => statusOf(links),
    pause: (source, request = {}) => pause(links, idOf(source), request),
    resume: (source) => resume(links, idOf(source)),
    async stop(source) {
      await knownSource(links.pool, idOf(source), 'id');
      const end = await stopSync(await links.temporal(), links.pool, source, silent);
      return end === undefined || end === 'left' ? null : end.result;
    },
    close: () => links.close(),
  };
}

function idOf(source: string): string {
  return parseInput(sourceIdSchema, source, 'id');
}
