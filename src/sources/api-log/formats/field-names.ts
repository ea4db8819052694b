// What people call the fields of a request, in JSON and logfmt: nginx's variables as JSON keys, Caddy, Traefik, the Elastic
// Common Schema, Google's httpRequest, pino-http, Heroku's router, Envoy. Names are compared without case and signs, so
// `http.response.status_code`, nested or not, and `httpResponseStatusCode` are one. A number is a duration only where its name
// says the unit: `duration: 12` may be anything, and stays in `extra`.
import type { Json } from '../../../domain/event.js';
import { durationMs } from './duration.js';
import type { LogFields } from './line.js';
import { scaled } from './variables.js';
import type { Reading } from './reading.js';
import { formatLimits } from './limits.js';
import { readJsonTime } from './json-time.js';
import { numberOf } from './scan.js';

/** What a name means: a field, and how its value is put. The lowest rank of those that a line has sets the field. */
export interface Role {
  readonly field: string;
  readonly rank: number;
  /** False: the value is none that this name can have; it stays in `extra`. */
  readonly put: (reading: Reading, value: Json) => boolean;
}

type TextField =
  | 'method'
  | 'remote'
  | 'forwardedFor'
  | 'user'
  | 'referer'
  | 'userAgent'
  | 'host'
  | 'scheme'
  | 'requestId';
type NumberField = 'status' | 'bytes' | 'bytesIn' | 'remotePort' | 'port';

const roles = new Map<string, Role>();

/** The first names count more than later ones. */
function named(names: string, role: Omit<Role, 'rank'>): void {
  for (const [rank, alike] of names.split('; ').entries())
    for (const name of alike.split(' ')) roles.set(name, { ...role, rank });
}

function text(field: TextField, names: string): void {
  named(names, { field, put: (reading, value) => withText(value, (found) => (reading.fields[field] = found)) });
}

function number(field: NumberField, names: string): void {
  named(names, { field, put: (reading, value) => withNumber(value, (found) => (reading.fields[field] = found)) });
}

/** `unit`: milliseconds in one of it; 0: only text that has its unit. */
function duration(field: 'durationMs' | 'upstreamMs', unit: number, names: string): void {
  const put: Role['put'] = (reading, value) => {
    const withUnit = typeof value === 'string' ? durationMs(value) : undefined;
    if (withUnit !== undefined) reading.fields[field] = withUnit;
    else if (unit === 0) return false;
    else return withNumber(value, (found) => (reading.fields[field] = scaled(found, unit)));
    return true;
  };
  named(names, { field, put });
}

text('method', 'method requestmethod httpmethod httprequestmethod reqmethod verb httprequestrequestmethod');
text(
  'remote',
  'clientip requestclientip clienthost remoteaddr sourceip; remoteip requestremoteip ip clientaddress reqremoteaddress httprequestremoteip sourceaddress; clientaddr requestremoteaddr remotehost client peer; xrealip realip',
);
text(
  'forwardedFor',
  'xforwardedfor httpxforwardedfor forwardedfor fwd requestxforwardedfor requestheadersxforwardedfor reqheadersxforwardedfor',
);
text('user', 'remoteuser clientusername username authuser; user userid');
text(
  'referer',
  'referer referrer httpreferer httpreferrer requestreferer requestheadersreferer reqheadersreferer httprequestreferrer httprequestreferer',
);
text(
  'userAgent',
  'useragent httpuseragent requestuseragent requestheadersuseragent reqheadersuseragent useragentoriginal httprequestuseragent; agent',
);
text('host', 'requesthost httphost reqheadershost authority urldomain vhost; host; servername');
text('scheme', 'scheme requestscheme urlscheme');
text('requestId', 'requestid xrequestid httprequestid requestxrequestid requestheadersxrequestid; reqid');
number(
  'status',
  'downstreamstatus status statuscode httpstatus httpstatuscode httpresponsestatuscode resstatuscode responsestatus responsestatuscode responsecode httprequeststatus',
);
number(
  'bytes',
  'bodybytessent downstreamcontentsize size responsesize httpresponsebodybytes httprequestresponsesize; bytes bytesout responsebytes; bytessent',
);
number(
  'bytesIn',
  'requestlength bytesread bytesreceived bytesin requestcontentsize requestsize httprequestbodybytes httprequestrequestsize',
);
number('remotePort', 'remoteport requestremoteport reqremoteport clientport sourceport');
number('port', 'serverport port urlport');
duration(
  'durationMs',
  1,
  'durationms latencyms elapsedms responsetimems requestdurationms tookms elapsedmilliseconds; responsetime',
);
duration('durationMs', 1_000, 'requesttime durationseconds durations latencyseconds elapsedseconds');
duration('durationMs', 0.001, 'durationus latencyus durationmicros elapsedus');
duration('durationMs', 0.000_001, 'durationns latencyns durationnanos eventduration elapsedns');
duration('durationMs', 0, 'duration latency elapsed httprequestlatency service took latencyhuman');
duration('upstreamMs', 1_000, 'upstreamresponsetime');
duration('upstreamMs', 0.000_001, 'originduration');

named(
  'requesturi uri requestpath requestrequesturi requesturl url requri requrl requesturi urloriginal httprequestrequesturl; path; urlpath',
  { field: 'target', put: (reading, value) => withText(value, (found) => reading.target(found)) },
);
named('request requestline', {
  field: 'request',
  put: (reading, value) => withText(value, (found) => reading.request(found)),
});
named('querystring query args urlquery', {
  field: 'query',
  put: (reading, value) =>
    withText(value, (found) => (reading.fields.query = found.startsWith('?') ? found.slice(1) : found)),
});
named('protocol proto requestprotocol requestproto serverprotocol httpprotocol httprequestprotocol; httpversion', {
  field: 'protocol',
  put: (reading, value) => withText(value, (found) => putProtocol(reading.fields, found)),
});
named('startutc timeiso8601 ts timestamp datetime starttime; time timelocal msec; startlocal date', {
  field: 'time',
  put: readJsonTime,
});
for (const name of ['requesturi', 'uri']) roles.set(`request${name}`, roles.get(name)!);

/** ECS has the version alone, Heroku the scheme. */
function putProtocol(fields: LogFields, found: string): void {
  if (/^https?$/i.test(found)) fields.scheme ??= found;
  else fields.protocol = /^\d(\.\d)?$/.test(found) ? `HTTP/${found}` : found;
}

/** What Caddy and Traefik mean by a plain `Duration`: seconds, and nanoseconds. */
export function plainDuration(unit: number): Role {
  const put: Role['put'] = (reading, value) =>
    withNumber(value, (found) => (reading.fields.durationMs = scaled(found, unit)));
  return { field: 'durationMs', rank: 0, put };
}

const asWritten = new Map<string, Role | undefined>();

/** A role of a name as it is written, and of one inside of an object: `request.method`. */
export function roleOf(path: string): Role | undefined {
  const known = asWritten.get(path);
  if (known !== undefined || asWritten.has(path)) return known;
  const role = roles.get(path.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
  // A log has few names; one whose names are values would fill it up.
  if (asWritten.size < formatLimits.namesMax && path.length < formatLimits.nameCharsMax) asWritten.set(path, role);
  return role;
}

/** `-` and nothing say that there is none; a header with several values is a list of them. */
function withText(value: Json, put: (text: string) => unknown): boolean {
  const found = Array.isArray(value) && value.every((one) => typeof one === 'string') ? value.join(', ') : value;
  if (typeof found !== 'string' && typeof found !== 'number') return false;
  if (found !== '-' && found !== '') put(String(found));
  return true;
}

function withNumber(value: Json, put: (value: number) => unknown): boolean {
  if (value === '' || value === '-') return true;
  const found = typeof value === 'string' ? numberOf(value) : typeof value === 'number' ? value : NaN;
  if (!Number.isFinite(found) || found < 0) return false;
  put(found);
  return true;
}
