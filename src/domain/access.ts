// Who may ask the front door for what: a bearer token with scopes. The token is told once, when it is made; what is kept is its
// sha256. It has 256 random bits, so a plain digest is enough: nobody can guess one, with the digest or without.
import * as crypto from 'node:crypto';

/** push: give events. read: look at what is stored. operate: pause, resume, sync. admin: all of it, and tokens. */
export const scopes = ['push', 'read', 'operate', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** So that people and scanners of leaked secrets know what it is. */
const prefix = 'tributary_';
const tokenBytes = 32;
const form = /^tributary_[A-Za-z0-9_-]{43}$/;

export function newToken(): string {
  return prefix + crypto.randomBytes(tokenBytes).toString('base64url');
}

export function isToken(text: string): boolean {
  return form.test(text);
}

export function tokenDigest(token: string): Buffer {
  return crypto.createHash('sha256').update(token).digest();
}

export function includesScope(given: readonly Scope[], wanted: Scope): boolean {
  return given.includes(wanted) || given.includes('admin');
}
