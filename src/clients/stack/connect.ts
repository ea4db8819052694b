// A client of the Temporal server in use: the embedded one by its address, another as its profile, file or environment says.
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { Config } from '../../config.js';
import type { Stack } from '../../local/stack.js';
import { temporalConfig } from '../../local/temporal-config.js';
import { channelArgsTo } from '../../loopback.js';

/** A restarted server is found again within this; gRPC's own patience grows to two minutes. */
const reconnectMs = { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 1_000 };

export async function connectTemporal(
  config: Config,
  stack: Pick<Stack, 'temporalAddress' | 'temporalNamespace'>,
  connectTimeout?: number,
): Promise<Client> {
  const { connectionOptions, namespace } = config.temporalConfigured
    ? await temporalConfig()
    : { connectionOptions: {} as ConnectionOptions, namespace: undefined };
  const address = config.temporalAddress ?? connectionOptions.address ?? stack.temporalAddress;
  const channelArgs = { ...reconnectMs, ...channelArgsTo(address) };
  const connection = await Connection.connect({
    ...connectionOptions,
    address,
    channelArgs,
    ...(connectTimeout === undefined ? {} : { connectTimeout }),
  });
  return new Client({ connection, namespace: config.temporalNamespace ?? namespace ?? stack.temporalNamespace });
}
