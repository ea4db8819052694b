// The processors every worker has, before the operator's own.
import type { Catalogue } from '../../domain/catalogue.js';
import type { Processor } from '../../domain/processor.js';
import { createCode } from './code.js';
import { metadata } from './metadata.js';

export function builtInProcessors(catalogue: Catalogue): readonly Processor[] {
  return [metadata, createCode(catalogue)];
}
