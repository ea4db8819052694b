// The processors every worker has, before the operator's own.
import type { Processor } from '../../domain/processor.js';
import { code } from './code.js';
import { metadata } from './metadata.js';

export const builtInProcessors: readonly Processor[] = [metadata, code];
