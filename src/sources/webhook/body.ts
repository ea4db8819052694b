// What the body of a delivery says: JSON, JSON in a form (`payload=`, as GitHub and Slack send it where they are asked to), a form, a
// text, or bytes.
import { isUtf8 } from 'node:buffer';
import type { Json } from '../../domain/event.js';
import { RecordRejected } from '../../domain/source.js';
import { exactly } from '../exact-json.js';

export interface ReadBody {
  readonly value: Json;
  /** What the value does not say as it came: `duplicate_keys`, `number_as_text`, `base64`. */
  readonly flags: readonly string[];
}

/** Throws RecordRejected for what says it is JSON and is not. */
export function readBody(contentType: string | undefined, body: Buffer): ReadBody {
  const essence = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (essence === 'application/x-www-form-urlencoded') return formBody(body);
  if (essence === '' || /^(application|text)\/json$|\+json$/.test(essence)) return jsonBody(utf8Of(body));
  return isUtf8(body) ? { value: body.toString(), flags: [] } : { value: body.toString('base64'), flags: ['base64'] };
}

function utf8Of(body: Buffer): string {
  if (!isUtf8(body)) throw new RecordRejected('not_utf8', 'the body is not UTF-8, which JSON is written in');
  return body.toString();
}

function jsonBody(text: string): ReadBody {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw new RecordRejected('not_json', `the body is no JSON: ${(error as Error).message.slice(0, 100)}`);
  }
  return exactly(text, value);
}

/** The last of equal names holds. */
function formBody(body: Buffer): ReadBody {
  const fields = new URLSearchParams(utf8Of(body));
  const payload = fields.get('payload');
  if (payload !== null && fields.size === 1) return jsonBody(payload);
  return { value: Object.fromEntries(fields), flags: [] };
}
