// Which format a text names.
import { isAscii } from 'node:buffer';
import { InvalidInput } from '../../../domain/errors.js';
import { compileApache } from './apache-format.js';
import { namedPatterns } from './named-patterns.js';
import type { LogLine } from './line.js';
import type { LogFormat } from './index.js';
import { readPattern, type Pattern } from './pattern.js';
import { zoneOf, type Zone } from './zone.js';

export const formatNames = Object.keys(namedPatterns);

export function createLogFormat(format: string, timeZone: string): LogFormat {
  const zone = zoneOf(timeZone);
  const named = namedPatterns[format];
  if (named !== undefined) return lineByLine(format, compileApache(named), zone);
  if (format.includes('%')) return lineByLine('apache', compileApache(format), zone);
  throw new InvalidInput('format', `found ${JSON.stringify(format.slice(0, 80))}`);
}

function lineByLine(name: string, pattern: Pattern, zone: Zone): LogFormat {
  return {
    name,
    carries: false,
    look: () => null,
    step: (line) => ({ layout: null, record: asBuffer(line) }),
    read: (record): LogLine => {
      const line = asBuffer(record);
      return readPattern(pattern, line.toString('latin1'), isAscii(line), zone);
    },
  };
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
