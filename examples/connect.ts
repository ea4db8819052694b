// Syncs a source, and reads what was stored: node connect.js. Without DATABASE_URL and TEMPORAL_ADDRESS it starts both.
import { connect, InvalidInput } from 'tributary-events';

const tributary = await connect({ onNote: (line) => console.error(line) });
try {
  const source = { type: 'synthetic', id: 'demo/made-up', options: { events: 2_500 } };
  const sync = await tributary.sync(source, { batch: { events: 1_000 } });
  const { outcome, total } = await sync.result({ onProgress: ({ inserted }) => console.error(`${inserted} inserted`) });
  console.log(`${sync.source}: ${outcome}, ${total} read`);

  let listed = 0;
  for await (const { events } of tributary.events({ source: sync.source, order: 'oldest' }).pages())
    listed += events.length;
  console.log(`${listed} listed`);

  await tributary.pause(sync.source, { reason: 'ticket 812', until: '2h' });
  const { sources } = await tributary.status();
  console.log(sources.find((one) => one.source === sync.source)?.state);
  await tributary.resume(sync.source);

  await tributary.sync({ type: 'synthetic', options: { events: -1 } });
} catch (error) {
  if (!(error instanceof InvalidInput)) throw error;
  console.log(`refused: ${error.field}`);
} finally {
  await tributary.close();
}
