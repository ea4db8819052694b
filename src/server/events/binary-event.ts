// A CloudEvent whose attributes are headers and whose data is the body (HTTP binding, binary content mode), put together as the
// same event in JSON. Data that is JSON stays the bytes it is.
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { jsonPieces } from '../json-pieces.js';
import { badRequest } from '../problem.js';
import type { Given } from './content-modes.js';
import { essenceOf, isJsonType, isUtf8Type } from './media-type.js';

const prefix = 'ce-';

/** Throws Problem 400 that names the header. */
export function binaryEvent(headers: IncomingHttpHeaders, body: Buffer): Given {
  const attributes: Record<string, string> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(prefix) || typeof value !== 'string') continue;
    attributes[nameOf(header)] = decoded(value);
  }
  const contentType = headers['content-type'];
  if (contentType !== undefined) attributes['datacontenttype'] = contentType;
  const text = JSON.stringify(attributes);
  const [member, data] = dataOf(contentType, body);
  if (data === null) return { record: Buffer.from(text) };
  return { record: Buffer.concat([Buffer.from(`${text.slice(0, -1)},"${member}":`), data, Buffer.from('}')]) };
}

/** Attribute names are letters and digits; data and its type are no headers of this kind. */
function nameOf(header: string): string {
  const name = header.slice(prefix.length);
  if (/^[a-z0-9]+$/.test(name) && name !== 'data' && name !== 'datacontenttype') return name;
  throw badRequest('bad_header', `${header}: is no attribute of a CloudEvent in headers`, header);
}

/** Node gives headers as Latin-1; senders write UTF-8, or percent signs as the binding says. A lone percent sign is itself. */
function decoded(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  const text = isUtf8(bytes) ? bytes.toString() : value;
  return text.replaceAll(/(%[0-9a-f]{2})+/gi, (found) => {
    try {
      return decodeURIComponent(found);
    } catch {
      return found;
    }
  });
}

/** The member of the event's JSON that holds the body. */
function dataOf(contentType: string | undefined, body: Buffer): ['data' | 'data_base64', Buffer | null] {
  if (body.byteLength === 0) return ['data', null];
  const essence = essenceOf(contentType);
  if (essence === '' || isJsonType(essence)) {
    jsonPieces(body);
    return ['data', body];
  }
  if (essence.startsWith('text/') && isUtf8Type(contentType) && isUtf8(body))
    return ['data', Buffer.from(JSON.stringify(body.toString()))];
  return ['data_base64', Buffer.from(`"${body.toString('base64')}"`)];
}
