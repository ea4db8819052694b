// A line while it is read: its text, what was found, and how text, numbers and times are put into fields.
import type { Json } from '../../../domain/event.js';
import { decoded } from './decoding.js';
import { noFields, type LineFlag, type LogFields, type LogLine } from './line.js';
import { epochMoment, momentOf, noMoment } from './moment.js';
import { readRequest, readTarget } from './request-line.js';
import { numberOf } from './scan.js';
import { newClock, type Clock, type TimeForm } from './time-forms.js';
import type { Zone } from './zone.js';

const noFlags: readonly LineFlag[] = [];

export class Reading {
  /** One character for each byte. */
  readonly text: string;
  readonly fields: LogFields = noFields();
  readonly zone: Zone;
  #flags: LineFlag[] | undefined;
  #extra: [string, Json][] | undefined;
  /** Neither escapes nor bytes above 127 anywhere: fields are cut out as they are. */
  readonly #plain: boolean;
  readonly #escaped: boolean;
  #clock: Clock | undefined;
  #timeFrom = -1;
  #timeTo = 0;
  #timeText = '';
  #timeReadable = true;

  constructor(text: string, ascii: boolean, escaped: boolean, zone: Zone) {
    this.text = text;
    this.zone = zone;
    this.#escaped = escaped;
    this.#plain = ascii && (!escaped || !text.includes('\\'));
  }

  flag(flag: LineFlag): void {
    if (this.#flags === undefined) this.#flags = [flag];
    else if (!this.#flags.includes(flag)) this.#flags.push(flag);
  }

  extra(name: string, value: Json): void {
    (this.#extra ??= []).push([name, value]);
  }

  /** The text of a place, decoded. */
  cut(from: number, to: number): string {
    const bytes = this.text.slice(from, to);
    if (this.#plain) return bytes;
    const { text, valid } = decoded(bytes, this.#escaped);
    if (!valid) this.flag('not_utf8');
    return text;
  }

  /** `10`, `0.123`; what is no number is kept as text under the name. */
  number(text: string, name: string): number | undefined {
    const value = numberOf(text);
    if (!Number.isNaN(value)) return value;
    this.flag('bad_number');
    this.extra(name, text);
    return undefined;
  }

  request(text: string): void {
    if (readRequest(text, this.fields)) return;
    this.flag('malformed_request');
    this.fields.request = text;
  }

  target(text: string): void {
    readTarget(text, this.fields);
  }

  get clock(): Clock {
    return (this.#clock ??= newClock());
  }

  /** The text of a time, kept where it is no moment. */
  timeText(from: number, to: number, readable: boolean): void {
    if (this.#timeFrom < 0) this.#timeFrom = from;
    this.#timeTo = to;
    if (!readable) this.#timeReadable = false;
  }

  /** The text of the time, where it was read in one place. */
  get timeRead(): string {
    return this.text.slice(this.#timeFrom, this.#timeTo);
  }

  /** A time that is a value of its own. */
  timeOf(form: TimeForm, text: string): void {
    this.#timeText += this.#timeText === '' ? text : ` ${text}`;
    if (form(text, 0, this.clock) !== text.length) this.#timeReadable = false;
  }

  /** What was read of a time is none. */
  noTime(): void {
    if (this.#timeReadable) this.#clock = undefined;
  }

  done(): LogLine {
    if (this.#clock !== undefined) this.#setTime(this.#clock);
    // Own properties even of `__proto__`, which a plain assignment would swallow.
    if (this.#extra !== undefined) this.fields.extra = Object.fromEntries(this.#extra);
    return { fields: this.fields, flags: this.#flags ?? noFlags };
  }

  #setTime(clock: Clock): void {
    const { time, flag } = !this.#timeReadable
      ? noMoment
      : clock.epoch === ''
        ? momentOf(clock, this.zone)
        : epochMoment(clock.epoch, clock.offset);
    this.fields.time = time;
    if (flag !== undefined) this.flag(flag);
    if (time === undefined) this.extra('time', this.#timeText || this.cut(this.#timeFrom, this.#timeTo));
  }
}

/** A line that is none of its format, kept as text. */
export function malformed(text: string, ascii: boolean, column: number, expected: string): LogLine {
  const { text: line, valid } = ascii ? { text, valid: true } : decoded(text, false);
  const flags: LineFlag[] = valid ? ['malformed_line'] : ['malformed_line', 'not_utf8'];
  return { fields: noFields(), flags, problem: { column, expected }, line };
}
