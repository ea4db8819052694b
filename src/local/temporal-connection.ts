// A connection to a Temporal that is known to serve the namespace: for commands, the worker and its health check.
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { channelArgsTo, isLoopback } from '../loopback.js';
import { connectingFailure, isDenied, lookAt } from './temporal-failure.js';

/** One that does not answer within this is told of; a server that is being restarted is back sooner. */
const usualMsMax = 10_000;

export interface TemporalTarget {
  /** `connectTimeout` in ms: for connecting, and again for the first question. */
  readonly options: Omit<ConnectionOptions, 'connectTimeout'> & {
    readonly address: string;
    readonly connectTimeout?: number;
  };
  readonly namespace: string;
  /** It may be away for a moment, and is worth waiting for: somebody is there who starts it again. */
  readonly isSupervised: boolean;
}

/** Throws Transient that names service, variable and remedy. */
export async function connectTemporalAt({ options, namespace, isSupervised }: TemporalTarget): Promise<Connection> {
  const { address, channelArgs, connectTimeout = usualMsMax } = options;
  let connection: Connection | undefined;
  try {
    // A closed port of this machine is an answer, which the client would ask for again until its time is over.
    if (!isSupervised && isLoopback(address) && (await lookAt(address)) !== null) throw new Error('closed');
    connection = Connection.lazy({
      ...options,
      connectTimeout,
      channelArgs: { ...channelArgs, ...channelArgsTo(address) },
    });
    await connection.ensureConnected();
    const connected = connection;
    await connected.withDeadline(Date.now() + connectTimeout, () =>
      connected.workflowService.describeNamespace({ namespace }).catch(unlessDenied),
    );
    return connected;
  } catch (error) {
    await connection?.close().catch(() => undefined);
    throw await connectingFailure(error, { address, namespace });
  }
}

/** Who may work in a namespace need not be allowed to describe it. */
function unlessDenied(error: unknown): void {
  if (!isDenied(error)) throw error;
}
