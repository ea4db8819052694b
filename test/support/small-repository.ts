// A repository of one commit.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function smallRepository(place: string, name: string): void {
  const git = (...words: string[]): void =>
    void execFileSync('git', ['-C', place, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...words]);
  git('init', '--quiet', '--initial-branch=main', name);
  writeFileSync(join(place, name, 'a.txt'), name);
  git('-C', join(place, name), 'add', '.');
  git('-C', join(place, name), 'commit', '--quiet', '--message', 'one');
}
