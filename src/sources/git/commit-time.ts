// `1700000000 +0200` to RFC 3339 at that offset. Commits are dated 1969, 2100 and 2^63: none may stop the others.

export interface CommitTime {
  /** Null when it is not in the years 1 to 9999, there or in UTC: RFC 3339 ends at 9999, Postgres has no year 0. */
  readonly time: string | null;
  readonly flag?: 'time_out_of_range' | 'bad_timezone' | undefined;
}

const year1 = -62_135_596_800;
/** Unix time. */
export const year10000 = 253_402_300_800;

export function commitTime(text: string): CommitTime {
  const [, seconds, zone] = /^\s*(-?\d+)(?:\s+(\S+))?\s*$/.exec(text) ?? [];
  if (seconds === undefined) return { time: null, flag: 'time_out_of_range' };
  const offset = offsetOf(zone);
  const local = Number(seconds) + (offset ?? 0) * 60;
  if (!inRange(local) || !inRange(Number(seconds))) return { time: null, flag: 'time_out_of_range' };
  const calendar = new Date(local * 1_000).toISOString().slice(0, 19);
  return offset === null ? { time: `${calendar}Z`, flag: 'bad_timezone' } : { time: calendar + suffix(offset) };
}

function inRange(seconds: number): boolean {
  return seconds >= year1 && seconds < year10000;
}

/** Minutes east of UTC; null when it is no offset a day can have. */
function offsetOf(zone: string | undefined): number | null {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(zone ?? '') ?? [];
  if (hours === undefined || minutes === undefined || Number(hours) > 23 || Number(minutes) > 59) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function suffix(offset: number): string {
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
