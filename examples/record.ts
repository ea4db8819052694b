// Records events of this program: node record.js. They are stored when the call returns; run again, all are known.
import { connect, type GivenEvent } from 'tributary-events';

const tributary = await connect({ onNote: (line) => console.error(line) });
try {
  const events: GivenEvent[] = [
    { type: 'order.paid', id: 'o-17', time: '2026-01-31T12:00:00Z', subject: 'ana', data: { amount: 12.5 } },
    { type: 'order.changed', entity: 'order/17', version: 2, data: { state: 'paid' } },
    { type: 'order.paid', id: 'o-18', time: 'yesterday' },
  ];
  const { inserted, skipped_existing, verdicts } = await tributary.record(events, { source: 'shop/orders' });
  console.log(`${inserted} inserted, ${skipped_existing} known`);
  for (const verdict of verdicts) {
    if (verdict.outcome === 'refused') console.log(`${verdict.index} ${verdict.field}: ${verdict.code}`);
  }

  for await (const { id, priority } of tributary.events({ source: 'shop/orders', type: 'order.paid' }))
    console.log(`${id} has priority ${priority}`);
  const { sources } = await tributary.status();
  console.log(`${sources.find(({ source }) => source === 'shop/orders')?.inserted} stored`);
} finally {
  await tributary.close();
}
