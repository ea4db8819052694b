// What a failed git command means to the user. Texts are git's own with LC_ALL=C; what is not known stays a plain failure.
import { InvalidInput, NeedsAttention, Transient, type EngineError } from '../../domain/errors.js';

/** A git process that ended other than with 0: never the end of a history. */
export class GitFailure extends Error {
  readonly command: string;
  readonly exit: string;
  /** The end of its error output, without credentials or control characters. */
  readonly stderr: string;

  constructor(command: string, exit: string, stderr: string) {
    super(`git ${command} ended with ${exit}: ${stderr === '' ? '(it said nothing)' : stderr}`);
    this.name = 'GitFailure';
    this.command = command;
    this.exit = exit;
    this.stderr = stderr;
  }
}

/** One line, safe to show: no credentials of a url (a redirect may bring some), no control characters. */
export function shown(stderr: string): string {
  return stderr
    .trim()
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^@/\s]*@/gi, '$1***@')
    .replaceAll(/(authorization|password|token)([:=]\s*)\S+/gi, '$1$2***')
    .replaceAll(/\s*\n\s*/g, ' | ')
    // oxlint-disable-next-line no-control-regex -- these are what is removed
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ')
    .trim();
}

const notARepository = /does not appear to be a git repository|not a git repository|repository (.* )?not found|not found: did you run|requested URL returned error: 404|no such repo/i;
const noPermission = /permission denied|authentication failed|could not read (username|password)|terminal prompts disabled|requested URL returned error: 40[13]|access denied|publickey|host key verification failed/i;
const unreachable = /could not resolve host|name or service not known|connection refused|connection timed out|timed out|unable to connect|failed to connect|couldn't connect|network is unreachable|no route to host|temporary failure in name resolution|ssl|certificate/i;
const passing = /the remote end hung up|early eof|rpc failed|connection reset|returned error: (429|5\d\d)|unexpected disconnect|operation too slow|broken pipe|couldn't find remote ref|cannot lock ref|unable to create .*\.lock/i;
const incomplete = /lazy fetching disabled|unable to read|missing blob|missing tree|missing commit|repository corruption|bad pack header|did not send all necessary objects|is corrupt|pack-objects died/i;
const tooOld = /unknown option|unrecognized argument|is not a git command|usage: git/i;

/**
 * Talking to the origin failed. Without a mirror nothing has ever worked, so a host that does not answer is more likely
 * a wrong url than a fault that passes: the user is told at once.
 */
export function originFailure(failure: GitFailure, url: string, first: boolean): EngineError {
  const said = `git said: ${failure.stderr}`;
  const { stderr } = failure;
  if (notARepository.test(stderr)) return noRepository(url, said, first);
  if (noPermission.test(stderr)) return refusedAccess(url, said, first);
  if (unreachable.test(stderr)) {
    const message = `${url} cannot be reached; check the host, or try again later (${said})`;
    return first ? new InvalidInput('url', message) : new Transient('git_unreachable', message);
  }
  if (incomplete.test(stderr)) {
    return new NeedsAttention('git_incomplete', `the repository at ${url} lacks objects it should have: it is a partial clone or damaged. Sync the url it was cloned from, or run git fsck there (${said})`);
  }
  if (tooOld.test(stderr)) return new NeedsAttention('git_too_old', `this git does not know an option it was given; install git 2.31 or later (${said})`);
  if (passing.test(stderr) || failure.exit.startsWith('signal')) return new Transient('git_fetch_failed', failure.message);
  return first ? noRepository(url, said, first) : new Transient('git_failed', failure.message);
}

function noRepository(url: string, said: string, first: boolean): EngineError {
  const message = `found no git repository at ${url}; expected the url of one, or the top directory of one (${said})`;
  return first ? new InvalidInput('url', message) : new NeedsAttention('git_no_repository', message);
}

export function refusedAccess(url: string, said: string, first: boolean): EngineError {
  const message = `no permission to read ${url}; give this user read access, or load an ssh key that has it (${said})`;
  return first ? new InvalidInput('url', message) : new NeedsAttention('git_no_permission', message);
}

/** Whether a fetch may have failed for damage in our own mirror, which a new one would mend; a lost connection it would not. */
export function mayBeMirror({ exit, stderr }: GitFailure): boolean {
  const outside = [notARepository, noPermission, unreachable, passing, tooOld, /no space left|disk quota|read-only file system|cannot allocate|too many open files/i];
  return exit.startsWith('exit') && !outside.some((pattern) => pattern.test(stderr));
}

/** What git says when an object is not there or does not hash to its name. */
export function isMissingObject(failure: GitFailure): boolean {
  return /missing|unable to read|bad object|could not (read|parse|access)|corrupt|not a valid object|unable to (unpack|parse|open)|inflate|bad tree|object file|malformed|cannot read|too-short|failed to read|hash mismatch|broken/i.test(failure.stderr);
}
