// A processor of one's own: how many words an event's text has. As a module: TRIBUTARY_EXTENSIONS=./processor.js
import { defineProcessor } from 'tributary-events';

export const words = defineProcessor({
  name: 'words',
  canProcess: (event) => event.type === 'acme.line',
  enrich: ({ data }) => ({
    count: String(data['text'])
      .split(/\s+/)
      .filter((word) => word !== '').length,
  }),
});

export const processors = [words];
