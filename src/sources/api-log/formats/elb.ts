// Access logs of AWS's load balancers: the classic and the application one. Columns are separated by blanks, and AWS adds new
// ones at the end: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
import type { LogLine } from './line.js';
import { malformed, Reading } from './reading.js';
import { endAt, numberOf } from './scan.js';
import { iso } from './time-forms.js';
import { extraMeaning, numberMeaning, scaled, textMeaning, type Meaning } from './variables.js';
import type { Zone } from './zone.js';

type Put = Meaning['put'];

const requestTime: Put = (reading, text) => addTime(reading, text, false);
const targetTime: Put = (reading, text) => addTime(reading, text, true);
/** An IPv6 address has colons of its own, and may stand in brackets; the port comes last. */
const client: Put = (reading, text) => {
  const colon = text.lastIndexOf(':');
  const host = colon < 0 ? text : text.slice(0, colon);
  reading.fields.remote = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (colon >= 0) reading.fields.remotePort = reading.number(text.slice(colon + 1), 'client_port');
};

const both: readonly (readonly [string, Put])[] = [
  ['time', (reading, text) => reading.timeOf(iso, text)],
  ['elb', extraMeaning('elb').put],
  ['client', client],
  ['target', extraMeaning('target').put],
  ['request_processing_time', requestTime],
  ['target_processing_time', targetTime],
  ['response_processing_time', requestTime],
  ['elb_status_code', numberMeaning('status').put],
  ['target_status_code', extraMeaning('target_status_code').put],
  ['received_bytes', numberMeaning('bytesIn').put],
  ['sent_bytes', numberMeaning('bytes').put],
  ['request', (reading, text) => reading.request(text)],
  ['user_agent', textMeaning('userAgent').put],
  ['ssl_cipher', extraMeaning('ssl_cipher').put],
  ['ssl_protocol', extraMeaning('ssl_protocol').put],
];

const application: readonly (readonly [string, Put])[] = [
  ['type', extraMeaning('type').put],
  ...both,
  ['target_group_arn', extraMeaning('target_group_arn').put],
  ['trace_id', textMeaning('requestId').put],
  ['domain_name', textMeaning('host').put],
  ...[
    'chosen_cert_arn',
    'matched_rule_priority',
    'request_creation_time',
    'actions_executed',
    'redirect_url',
    'error_reason',
    'target_port_list',
    'target_status_code_list',
    'classification',
    'classification_reason',
    'conn_trace_id',
    'transformed_host',
    'transformed_uri',
    'request_transform_status',
  ].map((name) => [name, extraMeaning(name).put] as const),
];

/** The first logs of the classic one ended with the request. */
const neededOf = { classic: 12, application: 14 };

export function readElb(text: string, ascii: boolean, zone: Zone): LogLine {
  // The classic one begins with its time, the application's with a word: http, https, h2, grpcs, ws, wss.
  const first = text.charCodeAt(0);
  const kind = first >= 48 && first <= 57 ? 'classic' : 'application';
  const columns = kind === 'classic' ? both : application;
  const reading = new Reading(text, ascii, true, zone);
  let [at, index] = [0, 0];
  for (; index < columns.length && at < text.length; index++) {
    const [name, put] = columns[index]!;
    const quoted = text.charAt(at) === '"';
    const end = quoted ? quoteEnd(text, at + 1) : blank(text, at);
    if (end < 0) return malformed(text, ascii, at + 1, `the quote that closes ${name}`);
    const value = reading.cut(quoted ? at + 1 : at, end);
    if (value !== '-' || name === 'request') put(reading, value);
    at = quoted ? end + 2 : end + 1;
  }
  if (index < neededOf[kind])
    return malformed(text, ascii, text.length + 1, `${columns[index]![0]}, column ${index + 1}`);
  if (Number.isNaN(reading.fields.durationMs)) reading.fields.durationMs = undefined;
  if (at < text.length) {
    reading.flag('trailing_text');
    reading.extra('rest', reading.cut(at, text.length));
  }
  return reading.done();
}

function blank(text: string, at: number): number {
  const end = text.indexOf(' ', at);
  return end < 0 ? text.length : end;
}

/** A quote with a blank or nothing behind it: AWS keeps a url as the client sent it. */
function quoteEnd(text: string, from: number): number {
  const end = endAt(text, '" ', from, true);
  if (end >= 0) return end;
  return text.length > from && text.endsWith('"') ? text.length - 1 : -1;
}

/** The three times add up to what the client waited; -1 says that one is not known. */
function addTime(reading: Reading, text: string, isTarget: boolean): void {
  const value = numberOf(text);
  const { fields } = reading;
  if (Number.isNaN(value)) return void (fields.durationMs = NaN);
  const ms = scaled(value, 1_000);
  fields.durationMs = scaled((fields.durationMs ?? 0) + ms, 1);
  if (isTarget) fields.upstreamMs = ms;
}
