// Which proxy a call goes through: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say, as config.ts read them. This machine
// is never asked through one. A proxy resolves names itself, so the rule of addresses then holds for literal ones
// alone: where a proxy is set, which networks can be reached is its operator's to say.
import { InvalidInput } from '../domain/errors.js';
import { isLoopback } from './address-rule.js';

export interface ProxySettings {
  readonly https?: string | undefined;
  readonly http?: string | undefined;
  /** Hosts asked directly: `example.com,.internal,10.0.0.1:8080` or `*`; a name stands for those below it too. */
  readonly none?: string | undefined;
}

export function proxyFor(url: URL, settings: ProxySettings): string | undefined {
  const given = url.protocol === 'https:' ? settings.https : settings.http;
  if (given === undefined || given === '' || isLoopback(url.hostname) || isExempt(url, settings.none ?? ''))
    return undefined;
  const text = given.includes('://') ? given : `http://${given}`;
  if (URL.canParse(text) && /^https?:/.test(text)) return text;
  throw new InvalidInput(
    url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY',
    'is no proxy; expected http://host:port',
  );
}

function isExempt({ hostname, port, protocol }: URL, none: string): boolean {
  const asked = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return none
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, name = '', only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      return (
        entry === '*' ||
        ((only === undefined || only === asked) && name !== '' && (hostname === name || hostname.endsWith(`.${name}`)))
      );
    });
}
