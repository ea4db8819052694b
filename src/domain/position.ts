// A position in a source, as the engine compares it: workflows and fences carry the digest, never the cursor itself.
import * as crypto from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/** 16 hex digits of the sha256 of the cursor's canonical JSON: enough to tell two positions of one source apart. */
export function digestOf(cursor: unknown): string {
  return crypto.hash('sha256', canonicalJson(cursor), 'hex').slice(0, 16);
}
