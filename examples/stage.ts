// A stage of one's own: drops what robots did, and notes the team of all else. As a module: TRIBUTARY_EXTENSIONS=./stage.js
import { defineStage } from 'tributary-events';

const robots = new Set(['deploy-bot', 'renovate']);

export const owner = defineStage({
  name: 'owner',
  concurrency: 8,
  async process(event) {
    if (event.subject !== null && robots.has(event.subject)) return { kind: 'remove' };
    return { kind: 'advance', context: { team: event.type.startsWith('acme.') ? 'acme' : 'unknown' } };
  },
});

export const stages = [owner];
