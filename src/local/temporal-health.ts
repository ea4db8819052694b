// Asks a Temporal server over gRPC whether it serves a namespace, with Node's HTTP/2 alone: the client library takes longer to
// load than the server takes to start.
import { connect } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';

const DESCRIBE_NAMESPACE = '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace';
const ANSWER_MS_MAX = 1_000;

/** True if the server at host:port answers and knows the namespace; never rejects. */
export function servesNamespace(address: string, namespace: string): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect(`http://${address}`);
    const finish = (serves: boolean): void => {
      session.destroy();
      resolve(serves);
    };
    session.once('error', () => finish(false));
    session.setTimeout(ANSWER_MS_MAX, () => finish(false));
    ask(session, namespace, finish);
  });
}

function ask(session: ClientHttp2Session, namespace: string, finish: (serves: boolean) => void): void {
  const request = session.request({
    ':method': 'POST',
    ':path': DESCRIBE_NAMESPACE,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const settle = (headers: Record<string, unknown>): void => {
    if (headers['grpc-status'] !== undefined) finish(headers['grpc-status'] === '0');
  };
  // An error without a body comes as headers only, everything else in the trailers.
  request.once('response', settle);
  request.once('trailers', settle);
  request.once('error', () => finish(false));
  request.resume();
  request.end(describeRequest(namespace));
}

/** A gRPC frame (not compressed, four bytes of length) with the message {1: namespace}. */
function describeRequest(namespace: string): Buffer {
  const name = Buffer.from(namespace, 'utf8');
  const message = Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
