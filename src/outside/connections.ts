// Connections of one client: to its own origin, and, under the strict rule of addresses, to where a redirect may lead.
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import type { HttpBounds } from './bounds.js';
import { guardedLookup, refuseLiteral, type Resolve } from './guarded-lookup.js';
import { proxyFor, type ProxySettings } from './proxy.js';

export interface ConnectionOptions {
  /** For its own origin. */
  readonly allowPrivate: boolean;
  readonly proxy: ProxySettings;
  /** Certificates (PEM) that this origin's is signed by, instead of those the machine knows. */
  readonly ca: string | undefined;
  readonly resolve: Resolve | undefined;
}

export interface Connections {
  /** Throws NeedsAttention for a host that is an address nobody may ask. `own`: of the client's origin. */
  to(url: URL, own: boolean): Dispatcher;
  close(): Promise<void>;
}

export function createConnections(options: ConnectionOptions, bounds: HttpBounds): Connections {
  const dispatchers = new Map<string, Dispatcher>();
  return {
    to(url, own) {
      const allowPrivate = own && options.allowPrivate;
      refuseLiteral(url.hostname, allowPrivate);
      const proxy = proxyFor(url, options.proxy);
      const key = `${allowPrivate} ${proxy ?? ''}`;
      const dispatcher = dispatchers.get(key) ?? dispatcherFor(proxy, allowPrivate, options, bounds);
      dispatchers.set(key, dispatcher);
      return dispatcher;
    },
    async close() {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

function dispatcherFor(
  proxy: string | undefined,
  allowPrivate: boolean,
  { ca, resolve }: ConnectionOptions,
  bounds: HttpBounds,
): Dispatcher {
  const tls = { timeout: bounds.connectMs, ...(ca === undefined ? {} : { ca }) };
  const pool = { connections: bounds.connectionsMax, maxHeaderSize: bounds.headerBytesMax };
  if (proxy === undefined)
    return new Agent({ ...pool, connect: { ...tls, lookup: guardedLookup(allowPrivate, resolve) } });
  return new ProxyAgent({ ...pool, uri: proxy, requestTls: tls, proxyTls: { timeout: bounds.connectMs } });
}
