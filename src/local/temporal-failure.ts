// What a failure of Temporal means to the person who runs it: one sentence with what was found and what to do, by gRPC
// status and system codes. The words of the client and of the server stay in `cause`, which --debug shows.
import { connect, isIP } from 'node:net';
import { InvalidInput, isEngineError, Transient } from '../domain/errors.js';

export interface AskedTemporal {
  readonly address: string;
  readonly namespace: string;
}

/** Numbers of gRPC, the same in every language. */
const grpc = { deadline: 4, notFound: 5, denied: 7, unimplemented: 12, unavailable: 14, unauthenticated: 16 } as const;

/** No connection came about, or it does not serve the namespace. Looks at the address once more to tell why. */
export async function connectingFailure(cause: unknown, asked: AskedTemporal): Promise<Error> {
  if (isEngineError(cause)) return cause;
  const { address, namespace } = asked;
  switch (grpcCode(cause)) {
    case grpc.notFound:
      return failure(
        'temporal_namespace',
        `Temporal at ${address} has no namespace ${namespace}; correct TEMPORAL_NAMESPACE or the profile, or make it: temporal operator namespace create --namespace ${namespace}`,
        cause,
      );
    case grpc.denied:
    case grpc.unauthenticated:
      return failure(
        'temporal_refused',
        `Temporal at ${address} lets this client not into namespace ${namespace}; correct TEMPORAL_API_KEY, the client certificate (TEMPORAL_TLS_CLIENT_CERT_PATH) or the profile`,
        cause,
      );
  }
  if (isUnreadablePem(cause))
    return new InvalidInput(
      'TEMPORAL_TLS_CLIENT_CERT_PATH',
      'a certificate or key of Temporal is not PEM; correct the file that this, TEMPORAL_TLS_CLIENT_KEY_PATH, TEMPORAL_TLS_SERVER_CA_CERT_PATH or the profile names',
      { cause },
    );
  return unreachable(address, await lookAt(address), cause);
}

/** Of a call on an open connection; undefined for an error that is not gRPC's. */
export function callFailure(error: unknown): Transient | undefined {
  const code = grpcCode(error);
  if (code === undefined) return undefined;
  if (code === grpc.unavailable || code === grpc.deadline)
    return failure(
      'temporal_unreachable',
      'Temporal does not answer any more; start it, or correct TEMPORAL_ADDRESS; `tributary status` says where it is looked for',
      error,
    );
  if (code === grpc.denied || code === grpc.unauthenticated)
    return failure(
      'temporal_refused',
      'Temporal refuses this to this client; correct TEMPORAL_API_KEY or its certificate',
      error,
    );
  return failure(
    'temporal_call',
    `Temporal refused a request (gRPC status ${code}); its log says why, and so does --debug`,
    error,
  );
}

export function isDenied(error: unknown): boolean {
  return grpcCode(error) === grpc.denied;
}

function failure(code: string, message: string, cause: unknown): Transient {
  return new Transient(code, message, { cause });
}

/** From the error or what caused it. */
function grpcCode(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code, details } = at as { code?: unknown; details?: unknown };
    if (typeof code === 'number' && typeof details === 'string') return code;
  }
  return undefined;
}

function isUnreadablePem(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^ERR_OSSL/.test(code);
}

function unreachable(address: string, found: string | null, cause: unknown): Transient {
  const text =
    found === null
      ? `what listens at ${address} does not answer as Temporal does: it is stuck, or another program, or only one side uses TLS; look at it, or correct TEMPORAL_ADDRESS or the TLS settings (TEMPORAL_TLS, the profile)`
      : found === 'ENOTFOUND' || found === 'EAI_AGAIN'
        ? `Temporal cannot be reached: its host in ${address} does not resolve (${found}); correct TEMPORAL_ADDRESS, or the DNS of this machine`
        : `Temporal at ${address} does not answer (${found}); start it, or correct TEMPORAL_ADDRESS; where that is unset, \`tributary up\` starts the embedded one`;
  return failure('temporal_unreachable', text, cause);
}

const lookMsMax = 1_000;

/** The client waits until its deadline and does not say for what. Null: something answers there. */
export function lookAt(address: string): Promise<string | null> {
  const [, host = '127.0.0.1', port = '7233'] = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(address) ?? [];
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), ...(isIP(host) === 0 ? { autoSelectFamily: true } : {}) });
    const finish = (found: string | null): void => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(lookMsMax, () => finish('ETIMEDOUT'));
    socket.once('connect', () => finish(null));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(codeOf(error)));
  });
}

/** A name with several addresses fails with all of their errors. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return (error as NodeJS.ErrnoException).code ?? 'no answer';
}
