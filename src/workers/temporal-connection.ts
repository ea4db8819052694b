// What a profile, a file or the environment says of the Temporal to work for: read as Temporal's own tools read it.
import type { ConnectionOptions } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { Config } from '../config.js';
import { usualTemporal } from '../local/external-stack.js';
import { temporalConfig } from '../local/temporal-config.js';
import { connectingFailure } from '../local/temporal-failure.js';

export type Connecting = Pick<ConnectionOptions, 'tls' | 'apiKey' | 'metadata'> & { readonly address: string };

export interface ConfiguredTemporal {
  readonly connection: Connecting;
  readonly namespace: string;
}

export async function configuredConnection(config: Config): Promise<ConfiguredTemporal> {
  const { connectionOptions, namespace } = await temporalConfig(config);
  const { address, tls, apiKey, metadata } = connectionOptions as ConnectionOptions;
  const given = Object.entries({ tls, apiKey, metadata }).filter(([, value]) => value !== undefined);
  return {
    connection: { ...Object.fromEntries(given), address: config.temporalAddress ?? address ?? usualTemporal },
    namespace: config.temporalNamespace ?? namespace ?? 'default',
  };
}

/** The core of the worker connects as its client does; only their option types differ. */
export function connectCore(connection: Connecting, namespace: string): Promise<NativeConnection> {
  return NativeConnection.connect(connection as Parameters<typeof NativeConnection.connect>[0]).catch(
    async (error: unknown) => {
      throw await connectingFailure(error, { address: connection.address, namespace });
    },
  );
}
