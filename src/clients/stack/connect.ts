// A client of the Temporal server in use: the embedded one by its address, another as its profile, file or environment says.
import { Client, type ConnectionOptions } from '@temporalio/client';
import type { Config } from '../../config.js';
import type { Stack } from '../../local/stack.js';
import { temporalConfig } from '../../local/temporal-config.js';
import { connectTemporalAt } from '../../local/temporal-connection.js';

/** A restarted server is found again within this; gRPC's own patience grows to two minutes. */
const reconnectMs = { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 1_000 };

/** Without `managed` it is another's. Throws Transient that names what is wrong. */
export type TemporalInUse = Pick<Stack, 'temporalAddress' | 'temporalNamespace'> & Partial<Pick<Stack, 'managed'>>;

export async function connectTemporal(
  config: Config,
  { temporalAddress: address, temporalNamespace: namespace, managed = 'none' }: TemporalInUse,
  connectTimeout?: number,
): Promise<Client> {
  // What is set for another Temporal (a key, certificates) must not reach the embedded one.
  const { connectionOptions } = managed === 'all' ? { connectionOptions: {} } : await temporalConfig(config);
  const { tls, apiKey, metadata } = connectionOptions as ConnectionOptions;
  const given = Object.entries({ tls, apiKey, metadata, connectTimeout }).filter(([, value]) => value !== undefined);
  const options = { ...Object.fromEntries(given), address, channelArgs: reconnectMs };
  const connection = await connectTemporalAt({ options, namespace, isSupervised: managed === 'all' });
  return new Client({ connection, namespace });
}
