// How the origin is reached, as settings of git: whose permission, through which proxy, trusting whom. All of it from the
// source's options: what a user's own git configuration says is not read (docs/sources/git.md has the whole list).
import { isIP } from 'node:net';
import { z } from 'zod';
import { secretReference } from '../../domain/secret-reference.js';
import type { SourceContext } from '../../domain/source.js';
import { limits } from '../../limits.js';
import type { Setting } from './secret-settings.js';

const expectedProxy =
  'expected a url like http://proxy.example.org:3128 (http, https, socks5, socks5h), without a path';

export const accessOptions = {
  /** Sent to the url's host only; redirects are not followed with it. */
  token: secretReference
    .optional()
    .describe('where a token is that may read an https repository: env:TRIBUTARY_SECRET_… or file:…'),
  tokenUser: z.string({ error: 'expected text like x-token-auth' }).regex(/^[\x21-\x39\x3b-\x7e]+$/, "expected one word of plain characters without ':'").max(255, 'is longer than 255 characters').optional()
    .describe('GitHub, GitLab and Gitea take any name with a token; Bitbucket wants x-token-auth'), // prettier-ignore
  tokenScheme: z
    .enum(['basic', 'bearer'], { error: 'expected basic or bearer' })
    .optional()
    .describe('basic: the token is the password; bearer: it is sent as it is'),
  proxy: z.string({ error: expectedProxy }).max(limits.optionCharsMax).superRefine((text, context) => {
    const message = proxyProblem(text);
    if (message !== null) context.addIssue({ code: 'custom', message });
  }).optional().describe('every request goes through it, whatever the environment says'), // prettier-ignore
  proxyCredentials: secretReference.optional().describe('where user:password for the proxy is'),
  caFile: z
    .string({ error: 'expected an absolute path' })
    .max(limits.optionCharsMax)
    .regex(/^\/[^\0\n]*$/, 'expected an absolute path')
    .optional()
    .describe("certificates trusted instead of the system's, as a PEM file"),
};

export type AccessOptions = z.infer<z.ZodObject<typeof accessOptions>>;

function proxyProblem(text: string): string | null {
  if (/^[a-z0-9]+:\/\/[^/]*@/i.test(text))
    return 'holds a user name or password, which would be stored and shown; expected them by reference, in proxyCredentials';
  return /^(https?|socks5h?):\/\/([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?\/?$/.test(text) ? null : expectedProxy;
}

/** What contradicts: the field, and why. */
export function accessProblem({
  url,
  ...given
}: AccessOptions & { readonly url: string }): readonly [field: string, message: string] | null {
  const { token, proxy } = given;
  const overHttp = /^https?:\/\//i.test(url);
  const only = (['token', 'proxy', 'caFile'] as const).find((field) => given[field] !== undefined && !overHttp);
  if (only !== undefined)
    return [only, 'is for https repositories, and the url is none; ssh has keys and settings of its own'];
  if (token !== undefined && !/^https:/i.test(url) && URL.canParse(url) && !isLoopback(new URL(url).hostname))
    return ['token', 'would be sent in the clear; expected an https url'];
  const alone = (['tokenUser', 'tokenScheme'] as const).find(
    (field) => given[field] !== undefined && token === undefined,
  );
  if (alone !== undefined) return [alone, 'is given without a token'];
  if (given.tokenUser !== undefined && given.tokenScheme === 'bearer')
    return ['tokenUser', 'is given while tokenScheme is bearer, which has no user; leave one of them out'];
  return given.proxyCredentials !== undefined && proxy === undefined
    ? ['proxyCredentials', 'is given without a proxy']
    : null;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}

export interface Access {
  readonly settings: readonly string[];
  readonly secretSettings: readonly Setting[];
  /** Variables that go before a setting; undefined takes one away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Reads the secrets now: a token that was renewed holds from the next look. */
export async function accessOf({
  options,
  secret,
}: Pick<SourceContext<AccessOptions & { readonly url: string }>, 'options' | 'secret'>): Promise<Access> {
  const { url, token, proxy, proxyCredentials, caFile } = options;
  const settings: string[] = [];
  const secretSettings: Setting[] = [];
  if (token !== undefined) {
    // The header goes with every request of the process, so none may go to another host, as a redirect may ask for.
    settings.push('http.followRedirects=false');
    secretSettings.push([
      `http.${new URL(url).origin}/.extraHeader`,
      `Authorization: ${authorization(options, await secret(token))}`,
    ]);
  }
  if (proxy !== undefined && proxyCredentials === undefined) settings.push(`http.proxy=${proxy}`);
  if (proxy !== undefined && proxyCredentials !== undefined)
    secretSettings.push(['http.proxy', withUser(proxy, await secret(proxyCredentials))]);
  return {
    settings,
    secretSettings,
    environment: { ...(proxy === undefined ? {} : straightNowhere), ...(caFile === undefined ? {} : trusting(caFile)) },
  };
}

const straightNowhere = { no_proxy: undefined, NO_PROXY: undefined };

function trusting(caFile: string): Access['environment'] {
  return { GIT_SSL_CAINFO: caFile, GIT_SSL_CAPATH: undefined, SSL_CERT_FILE: undefined, SSL_CERT_DIR: undefined };
}

function authorization({ tokenUser = 'x-access-token', tokenScheme }: AccessOptions, token: string): string {
  return tokenScheme === 'bearer'
    ? `Bearer ${token}`
    : `Basic ${Buffer.from(`${tokenUser}:${token}`).toString('base64')}`;
}

/** `user:password`; only the first colon divides. */
function withUser(proxy: string, credentials: string): string {
  const [user = '', ...password] = credentials.split(':');
  const [scheme, rest] = proxy.split('://');
  return `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(password.join(':'))}@${rest}`;
}
