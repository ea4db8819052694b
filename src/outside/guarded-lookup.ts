// Names are resolved once, by the connection itself, and what they resolve to is judged there: a name that is checked
// first and resolved again to connect may have changed its answer in between (DNS rebinding).
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { NeedsAttention } from '../domain/errors.js';
import { addressProblem, bare, isLoopback } from './address-rule.js';

export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true });

export function guardedLookup(allowPrivate: boolean, resolve: Resolve = systemResolve): LookupFunction {
  return (hostname, options, callback) => {
    judged(hostname, options.family, allowPrivate, resolve, (error, found) => {
      const first = error === null ? found[0] : undefined;
      if (first === undefined) callback(error, '');
      else if (options.all === true) callback(null, [...found]);
      else callback(null, first.address, first.family);
    });
  };
}

const judged = callbackify(allowed);

/** One bad address among good ones refuses the name: which of them is used is not ours to say. */
async function allowed(
  hostname: string,
  family: number | string | undefined,
  allowPrivate: boolean,
  resolve: Resolve,
): Promise<readonly LookupAddress[]> {
  const found = await resolve(hostname);
  for (const { address } of found) refuseAddress(hostname, address, allowPrivate);
  const wanted = Number(String(family ?? 0).replace('IPv', ''));
  const usable = wanted === 4 || wanted === 6 ? found.filter((one) => one.family === wanted) : found;
  if (usable.length === 0) throw Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
  return usable;
}

/**
 * What needs no look-up: addresses, which `new URL` has read (0x7f.1 and 2130706433 are 127.0.0.1), and this machine's
 * name.
 */
export function refuseLiteral(hostname: string, allowPrivate: boolean): void {
  const host = bare(hostname);
  if (/^[\d.]+$|:/.test(host)) refuseAddress(host, host, allowPrivate);
  else if (isLoopback(host)) refuseAddress(host, '127.0.0.1', allowPrivate);
}

function refuseAddress(hostname: string, address: string, allowPrivate: boolean): void {
  const problem = addressProblem(address, allowPrivate);
  if (problem === null) return;
  const what = hostname === address ? hostname : `${hostname} resolves to ${address}, which`;
  throw new NeedsAttention('address_refused', `${what} is ${problem}; it was not asked, expected a public address`);
}
