// Source types as `types` and `sync --help` show them.
import type { EventType } from '../../domain/catalogue.js';
import { priorities } from '../../domain/event.js';
import type { Source } from '../../domain/source.js';
import type { SourceRegistry } from '../../sources/index.js';
import { optionForms, type OptionForm } from './option-forms.js';
import { table, type Column } from '../terminal/table.js';
import { printable } from '../terminal/terminal.js';

const typeColumns: readonly Column[] = [
  { name: 'type', rank: 1 },
  { name: 'event types', short: 'events', rank: 3 },
  { name: 'summary', rank: 2, least: 16, wrap: true },
];
const optionColumns: readonly Column[] = [
  { name: 'option', rank: 1 },
  { name: 'type', rank: 4, least: 9, wrap: true },
  { name: 'default', rank: 3, least: 8, wrap: true },
  { name: 'bounds', rank: 5, least: 10, wrap: true },
  { name: 'what it does', rank: 2, least: 20, wrap: true },
];
const eventTypeColumns: readonly Column[] = [
  { name: 'event type', rank: 1 },
  { name: 'stability', rank: 4 },
  { name: 'view', rank: 3 },
  { name: 'summary', rank: 2, least: 16, wrap: true },
];

export function typesLines(registry: SourceRegistry, cells: number | null, indent = 0): string[] {
  const rows = registry.types.map((type) => {
    const { summary, events = [] } = registry.get(type);
    return [type, String(events.length), printable(summary)];
  });
  return table(typeColumns, rows, cells, { indent });
}

export function optionLines(source: Source, cells: number | null, indent = 0): string[] {
  const forms = optionForms(source);
  if (forms.length === 0) return [];
  const rows = forms.map((form) => [
    form.name,
    form.type,
    defaultText(form, source.argument),
    form.bounds || '-',
    printable(form.summary),
  ]);
  return table(optionColumns, rows, cells, { indent });
}

function defaultText({ name, required, default: value }: OptionForm, argument: string | undefined): string {
  if (required) return name === argument ? 'the argument' : 'required';
  return value === undefined ? '-' : JSON.stringify(value);
}

export function eventTypeLines({ events = [] }: Source, cells: number | null): string[] {
  if (events.length === 0) return ['it says nothing of its event types'];
  return table(
    eventTypeColumns,
    events.map((event) => [event.type, event.stability, event.view?.name ?? '-', printable(event.summary)]),
    cells,
  );
}

export function typeItem(source: Source): Record<string, unknown> {
  const { type, summary, argument = null, mapperVersion, events = [] } = source;
  const options = optionForms(source).map((form) => ({ ...form, default: form.default ?? null }));
  return { type, summary, argument, mapperVersion, options, events: events.map(eventItem) };
}

function eventItem({
  type,
  summary,
  stability,
  priority = priorities.normal,
  words = true,
  embed,
  filters = {},
  view,
}: EventType): Record<string, unknown> {
  return { type, summary, stability, priority, words, embed: embed ?? null, filters, view: view ?? null };
}
