// A delivery as a record: one line of JSON with what is known beside the body, then the body's bytes as they came.
import { RecordRejected } from '../../domain/source.js';
import type { Delivery } from './delivery.js';
import { webhookLimits } from './limits.js';

export interface WebhookRecord extends Delivery {
  /** RFC 3339. */
  readonly receivedAt: string;
}

const lineFeed = 0x0a;

/** `kept`: names of the headers that say something; content-type always does. */
export function recordOf({ headers, body }: Delivery, kept: readonly string[], receivedAt: Date): Buffer {
  const own = ['content-type', ...kept].flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value.slice(0, webhookLimits.keptHeaderCharsMax)]];
  });
  const head = JSON.stringify({
    v: 1,
    receivedAt: receivedAt.toISOString(),
    headers: Object.fromEntries(own) as object,
  });
  return Buffer.concat([Buffer.from(`${head}\n`), body]);
}

/** Throws RecordRejected. */
export function readRecord(record: Uint8Array): WebhookRecord {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const end = bytes.indexOf(lineFeed);
  const head = end === -1 ? null : headOf(bytes.toString('utf8', 0, end));
  if (head === null)
    throw new RecordRejected('not_a_delivery', 'the record does not begin with what is known of a delivery');
  return { ...head, body: bytes.subarray(end + 1) };
}

function headOf(line: string): Pick<WebhookRecord, 'receivedAt' | 'headers'> | null {
  try {
    const { v, receivedAt, headers } = JSON.parse(line) as { v?: unknown; receivedAt?: unknown; headers?: unknown };
    if (v !== 1 || typeof receivedAt !== 'string' || typeof headers !== 'object' || headers === null) return null;
    return { receivedAt, headers: headers as WebhookRecord['headers'] };
  } catch {
    return null;
  }
}
