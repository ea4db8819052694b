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

  /** The machine was short of something, or its disk failed: says nothing about any object. */
  get isShortage(): boolean {
    return shortage.test(this.stderr);
  }

  /** Nobody ended it: it gave up, or crashed over what it read. */
  get isItsOwn(): boolean {
    return /^exit|^signal SIG(SEGV|BUS|ABRT|FPE|ILL)$/.test(this.exit);
  }

  get isDiskFull(): boolean {
    return diskFull.test(this.stderr);
  }
}

// The words of strerror(3): git's exit code is 128 for all of them.
const diskFull = /no space left on device|disk quota exceeded|file too large/i;
const shortage =
  /no space left on device|disk quota exceeded|file too large|read-only file system|cannot allocate memory|out of memory|malloc failed|too many open files|input\/output error|resource temporarily unavailable|broken pipe|stale file handle/i;

/** One line, safe to show: no credentials of a url (a redirect may bring some), no control characters. */
export function shown(stderr: string): string {
  return (
    stderr
      .trim()
      .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^@/\s]*@/gi, '$1***@')
      .replaceAll(/(authorization|password|token)([:=]\s*)\S+/gi, '$1$2***')
      .replaceAll(/\s*\n\s*/g, ' | ')
      // oxlint-disable-next-line no-control-regex -- these are what is removed
      .replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ')
      .trim()
  );
}

const notARepository =
  /does not appear to be a git repository|not a git repository|repository (.* )?not found|not found: did you run|requested URL returned error: (404|410)|no such repo|not valid: [^|]*is this a git repository|protocol error: bad line length/i;
const noPermission =
  /permission denied|authentication failed|could not read (username|password)|terminal prompts disabled|requested URL returned error: 40[13]|access denied|publickey|host key verification failed/i;
const unreachable =
  /could not resolve (host|proxy)|name or service not known|connection refused|connection timed out|timed out|unable to connect|failed to connect|couldn't connect|network is unreachable|no route to host|temporary failure in name resolution|\bssl(\b|_)|gnutls|certificate/i;
/** A token is not sent on to where a redirect points. */
const moved = /requested URL returned error: 30[1278]/i;
const proxyRefused = /error: 407|HTTP code 407/i;
const passing =
  /the remote end hung up|early eof|rpc failed|connection reset|returned error: (429|5\d\d)|unexpected disconnect|operation too slow|broken pipe|couldn't find remote ref/i;
const incomplete =
  /lazy fetching disabled|unable to read|missing blob|missing tree|missing commit|repository corruption|bad pack header|did not send all necessary objects|is corrupt|pack-objects died|not our ref|(unexpected|unterminated) line in .*packed-refs|broken ref|invalid sha1 pointer|unable to unpack|bad object|bad (tag|tree|parent|shallow line|commit object)|bogus commit|is a (commit|tree|blob|tag), not a/i;
/** Without what names something: a repository may be called openssl, a branch timed-out. */
function withoutNames(stderr: string, url = ''): string {
  const rest = url === '' ? stderr : stderr.replaceAll(url, '');
  return rest
    .replaceAll(/(?<![a-z])'[^']*'/gi, "''")
    .replaceAll(/\brefs\/\S+/g, '')
    .replaceAll(/\/(?:[^\s'"|:]*\/)+/g, '/');
}

const tooOld = /unknown option|unrecognized argument|is not a git command|usage: git/i;

/**
 * Talking to the origin failed. Without a mirror nothing has ever worked, so a host that does not answer is more likely
 * a wrong url than a fault that passes: the user is told at once.
 */
export function originFailure(failure: GitFailure, url: string, first: boolean): EngineError {
  const said = `git said: ${failure.stderr}`;
  const stderr = withoutNames(failure.stderr, url);
  if (failure.isShortage) return new Transient('git_short_of_resources', failure.message);
  const form = unreadableForm(url, stderr, said);
  if (form !== undefined) return form;
  if (moved.test(stderr))
    return lasting(
      'git_moved',
      `${url} answers with a redirect, which is not followed with a token; sync the url that it points to, under an id of its own (${said})`,
      first,
    );
  if (proxyRefused.test(stderr))
    return lasting(
      'git_proxy',
      `the proxy on the way to ${url} wants credentials; name them in the option proxyCredentials (${said})`,
      first,
    );
  if (notARepository.test(stderr) || /invalid gitfile format/i.test(stderr)) return noRepository(url, said, first);
  if (noPermission.test(stderr)) return refusedAccess(url, said, first);
  if (unreachable.test(stderr)) {
    const message = `${url} cannot be reached; check the host, or try again later (${said})`;
    return first
      ? new InvalidInput('url', message, { code: 'unreachable' })
      : new Transient('git_unreachable', message);
  }
  if (incomplete.test(stderr)) {
    return new NeedsAttention(
      'git_incomplete',
      `the repository at ${url} lacks objects it should have: it is a partial clone or damaged. Sync the url it was cloned from, or run git fsck there (${said})`,
    );
  }
  if (tooOld.test(stderr))
    return new NeedsAttention(
      'git_too_old',
      `this git does not know an option it was given; install git 2.31 or later (${said})`,
    );
  if (passing.test(stderr) || failure.exit.startsWith('signal'))
    return new Transient('git_fetch_failed', failure.message);
  // Not "no repository": what git could say no more about is there, and may be right again when it is asked again.
  return first
    ? new NeedsAttention(
        'git_failed',
        `${url} cannot be read, for a reason we do not know; run git fsck there (${said})`,
      )
    : new Transient('git_failed', failure.message);
}

/** A repository that this git, or any, cannot open: git says which, and says it before anything else. */
function unreadableForm(url: string, stderr: string, said: string): NeedsAttention | undefined {
  if (/extension.*(found|in v0).*refstorage/i.test(stderr)) {
    return new NeedsAttention(
      'git_reftable',
      `the repository at ${url} keeps its refs as a reftable, which this git cannot read; install git 2.45 or later, or run git refs migrate --ref-format=files there (${said})`,
    );
  }
  if (/unknown repository extension|repo version is 0, but v1-only extension/i.test(stderr)) {
    return new NeedsAttention(
      'git_unknown_extension',
      `the repository at ${url} uses an extension that this git does not know; install a later git (${said})`,
    );
  }
  if (/expected git repo version/i.test(stderr)) {
    return new NeedsAttention(
      'git_repository_version',
      `the repository at ${url} has a format version that this git does not know; install a later git, or correct core.repositoryFormatVersion there (${said})`,
    );
  }
  if (/bad (config|boolean|numeric)|bad config (line|file|value)/i.test(stderr)) {
    return new NeedsAttention(
      'git_config_broken',
      `the config file of the repository at ${url} cannot be read; correct the line git names (${said})`,
    );
  }
  return undefined;
}

function noRepository(url: string, said: string, first: boolean): EngineError {
  return lasting(
    'git_no_repository',
    `found no git repository at ${url}; expected the url of one, or the top directory of one (${said})`,
    first,
  );
}

export function damagedRepository(url: string, said: string): NeedsAttention {
  return new NeedsAttention(
    'git_damaged',
    `there is a repository at ${url} that git cannot open: its HEAD names no ref, or parts of it are gone; run git fsck there, or write HEAD again, like ref: refs/heads/main (${said})`,
  );
}

export function refusedAccess(url: string, said: string, first: boolean): EngineError {
  const todo = /^https?:/i.test(url)
    ? 'name a token that may read it in the option token, like env:TRIBUTARY_SECRET_GIT'
    : 'give this user read access, or load an ssh key that has it';
  return lasting('git_no_permission', `no permission to read ${url}; ${todo} (${said})`, first);
}

/** Trying again does not help. Where nothing was ever read, the url is what is wrong. */
function lasting(code: string, message: string, first: boolean): EngineError {
  return first ? new InvalidInput('url', message) : new NeedsAttention(code, message);
}

/** Whether a fetch may have failed for one ref, or for damage in our own mirror; a lost connection it does not explain. */
export function mayBeContent(failure: GitFailure): boolean {
  const { exit } = failure;
  const stderr = withoutNames(failure.stderr);
  if (!exit.startsWith('exit') || failure.isShortage) return false;
  const outside = [moved, proxyRefused, notARepository, noPermission, unreachable, passing, tooOld];
  return incomplete.test(stderr) || !outside.some((pattern) => pattern.test(stderr));
}

/** What git says when an object is not there or does not hash to its name. */
export function isMissingObject(failure: GitFailure): boolean {
  return (
    !failure.isShortage &&
    /missing|unable to read|bad object|could not (read|parse|access)|corrupt|not a valid object|unable to (unpack|parse|open)|inflate|bad tree|object file|malformed|cannot read|too-short|failed to read|hash mismatch|broken/i.test(
      failure.stderr,
    )
  );
}
