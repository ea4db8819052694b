// What a profile, a file or the environment says of the Temporal to work for: read as Temporal's own tools read it.
import type { ConnectionOptions } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { temporalConfig } from '../local/temporal-config.js';

export type Connecting = Pick<ConnectionOptions, 'address' | 'tls' | 'apiKey' | 'metadata'>;

export async function configuredConnection(): Promise<{ readonly connection: Connecting; readonly namespace: string }> {
  const { connectionOptions, namespace } = await temporalConfig();
  const { address, tls, apiKey, metadata } = connectionOptions as ConnectionOptions;
  const given = Object.entries({ address, tls, apiKey, metadata }).filter(([, value]) => value !== undefined);
  return { connection: Object.fromEntries(given) as Connecting, namespace: namespace ?? 'default' };
}

/** The core of the worker connects as its client does; only their option types differ. */
export function connectCore(connection: Connecting): Promise<NativeConnection> {
  return NativeConnection.connect(connection as Parameters<typeof NativeConnection.connect>[0]);
}
