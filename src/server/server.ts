// The front door at work: its sessions, its address, its end.
import type { AddressInfo } from 'node:net';
import { openOwnDoor } from '../clients/record/open-door.js';
import type { Config } from '../config.js';
import type { ListenPlace } from '../connection-forms.js';
import { InvalidInput } from '../domain/errors.js';
import { installed } from '../extensions/installed.js';
import { isLoopback } from '../loopback.js';
import { sourceSecrets } from '../secrets.js';
import { createAccess } from './access.js';
import { createApp } from './app.js';
import { serverLimits } from './limits.js';
import { openOwnStream } from './own-stream.js';
import { createQuietLog } from './quiet-log.js';

export interface FrontDoor {
  readonly url: string;
  /** Requests at work end first, new ones are not taken. */
  close(): Promise<void>;
}

export interface FrontDoorOrder {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly listen: ListenPlace;
  /** Also this machine needs a token. */
  readonly tokenNeeded: boolean;
  readonly version: string;
  readonly log: (line: string) => void;
}

/** Takes events when it resolves. Throws InvalidInput when the address is not to be had. */
export async function startFrontDoor(order: FrontDoorOrder): Promise<FrontDoor> {
  const { config, databaseUrl, listen, version } = order;
  const log = createQuietLog(order.log);
  const found = await installed(config);
  const door = await openOwnDoor(config, databaseUrl, found, {
    name: 'front door',
    connectionsMax: serverLimits.poolConnectionsMax,
  });
  const open = isLoopback(listen.host) && !order.tokenNeeded;
  const live = openOwnStream(databaseUrl, log);
  const app = await createApp({
    door,
    access: createAccess(door.pool, open),
    secret: sourceSecrets(config.secretsDirectory),
    log,
    version,
    stream: live.handle,
  });
  try {
    await app.listen({ host: listen.host, port: listen.port });
  } catch (error) {
    await live.close();
    await door.close();
    throw notToBeHad(listen, error);
  }
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${port}`,
    async close() {
      // A connection that asks nothing and one that never ends its request would keep it open for ever.
      const late = setTimeout(() => app.server.closeAllConnections(), serverLimits.drainMs);
      await live.close();
      await app.close();
      clearTimeout(late);
      await door.close();
    },
  };
}

function notToBeHad({ host, port }: ListenPlace, error: unknown): InvalidInput {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  const why = code === 'EADDRINUSE' ? 'another program listens there' : 'it cannot be listened on';
  return new InvalidInput('listen', `${host}:${port}: ${why} (${code}); name another address`, { cause: error });
}
