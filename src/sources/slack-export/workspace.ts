// Whose export it is. Nothing in an export says so as such, and every key has it: a guess that another export would answer
// otherwise would make every message come twice. So it is what cannot be anything else, or what a person says; and once it is
// known, another is refused.
import { NeedsAttention } from '../../domain/errors.js';
import type { SourceState, StatePatch } from '../../domain/source-state.js';
import type { Teams } from './lists.js';

const [kind, key] = ['slack', 'workspace'];

export function workspaceOf({ slackbot, all }: Teams, given: string | undefined): string {
  if (given !== undefined) {
    // An organisation's id stands on no member; a workspace's does.
    if (all.size === 0 || all.has(given) || given.startsWith('E')) return given;
    throw new NeedsAttention(
      'other_workspace',
      `the option workspace is ${given}, and the export has members of ${listed(all)}; name that, or another export`,
    );
  }
  const [only] = all;
  if (slackbot !== undefined) return slackbot;
  if (only !== undefined && all.size === 1) return only;
  throw new NeedsAttention(
    'workspace_unknown',
    all.size === 0
      ? 'the export has no list of members, or none that names a workspace; say whose it is: --set workspace=T…'
      : `the export has members of ${listed(all)}; say whose it is: --set workspace=T…`,
  );
}

/** Throws when this source has read another workspace. */
export async function assertSameWorkspace(state: SourceState, workspace: string): Promise<void> {
  const known = await state.get(kind, key);
  if (known !== undefined && known !== workspace)
    throw new NeedsAttention(
      'other_workspace',
      `the export is of the workspace ${workspace}, and this source has read ${JSON.stringify(known)}; read it under an id of its own`,
    );
}

export function workspacePatch(workspace: string): StatePatch {
  return { kind, key, value: workspace };
}

function listed(teams: ReadonlySet<string>): string {
  const some = [...teams].slice(0, 3);
  return some.join(', ') + (teams.size > some.length ? ` and ${teams.size - some.length} more` : '');
}
