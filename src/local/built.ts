import { fileURLToPath } from 'node:url';

/** A compiled file that runs as a process of its own. Tests run this module from src/, and such processes from dist/ all the same. */
export function builtFile(path: string): string {
  const source = import.meta.url.endsWith('.ts') ? '../../dist/src/' : '../';
  return fileURLToPath(new URL(`${source}${path}`, import.meta.url));
}
