// The tributary.yaml that docs/configuration.md shows.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

export function documentedExample(): string {
  const page = readFileSync(join(packageRoot, 'docs', 'configuration.md'), 'utf8');
  return /```yaml\n([^]*?)```/.exec(page)![1]!;
}
