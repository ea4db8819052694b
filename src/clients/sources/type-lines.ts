// Source types as `types` and `sync --help` show them.
import type { EventType } from '../../domain/catalogue.js';
import { priorities } from '../../domain/event.js';
import type { Source } from '../../domain/source.js';
import type { SourceRegistry } from '../../sources/index.js';
import { optionForms, type OptionForm } from './option-forms.js';
import { table } from '../terminal/table.js';
import { printable } from '../terminal/terminal.js';

export function typesLines(registry: SourceRegistry, columns: number | null): string[] {
  const rows = registry.types.map((type) => {
    const { summary, events = [] } = registry.get(type);
    return [type, String(events.length), printable(summary)];
  });
  return table(['type', 'event types', 'summary'], rows, columns);
}

export function optionLines(source: Source, columns: number | null): string[] {
  const forms = optionForms(source);
  if (forms.length === 0) return [];
  const rows = forms.map((form) => [
    form.name,
    form.type,
    defaultText(form, source.argument),
    form.bounds || '-',
    printable(form.summary),
  ]);
  return table(['option', 'type', 'default', 'bounds', 'what it does'], rows, columns);
}

function defaultText({ name, required, default: value }: OptionForm, argument: string | undefined): string {
  if (required) return name === argument ? 'the argument' : 'required';
  return value === undefined ? '-' : JSON.stringify(value);
}

export function eventTypeLines({ events = [] }: Source, columns: number | null): string[] {
  if (events.length === 0) return ['it says nothing of its event types'];
  return table(
    ['event type', 'stability', 'view', 'summary'],
    events.map((event) => [event.type, event.stability, event.view?.name ?? '-', printable(event.summary)]),
    columns,
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
