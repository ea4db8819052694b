// A client of the Temporal server in use: the embedded one by its address, another as its profile, file or environment says.
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { Config } from '../config.js';
import type { Stack } from '../local/stack.js';

/** A restarted server is found again within this; gRPC's own patience grows to two minutes. */
const reconnectMs = { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 1_000 };

export async function connectTemporal(config: Config, stack: Pick<Stack, 'temporalAddress' | 'temporalNamespace'>, connectTimeout?: number): Promise<Client> {
  const { connectionOptions, namespace } = config.temporalConfigured ? await configured() : { connectionOptions: {}, namespace: undefined };
  const connection = await Connection.connect({ address: stack.temporalAddress, ...connectionOptions, channelArgs: reconnectMs, ...(connectTimeout === undefined ? {} : { connectTimeout }) });
  return new Client({ connection, namespace: config.temporalNamespace ?? namespace ?? stack.temporalNamespace });
}

async function configured(): Promise<{ connectionOptions: ConnectionOptions; namespace: string | undefined }> {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return { connectionOptions: connectionOptions as ConnectionOptions, namespace };
}
