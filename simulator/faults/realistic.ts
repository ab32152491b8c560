import type { FaultRule } from './rules.js';

/** `--faults realistic`: what third parties saw on the live service in 2026. */
export const realistic: FaultRule[] = [
  // about half of the frame creations answered 500 on a day with plenty of quota (2026-08-31)
  { match: { method: 'POST', path: '/v2/boards/*/frames' }, when: { probability: 0.5 }, fault: '5xx-before' },
  { match: { method: 'POST', path: '/v2/**' }, when: { probability: 0.01 }, fault: '5xx-after' },
  { match: { path: '/v2/**' }, when: { probability: 0.005 }, fault: 'html' },
  { match: { path: '/v2/**' }, when: { probability: 0.01 }, fault: 'slow', delayMs: 1500 },
];
