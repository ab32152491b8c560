import { expect, it } from 'vitest';
import { exportTickets, type ExportedTicket } from '../../jobs/retro-to-tickets/export-tickets.js';

const ticket: ExportedTicket = {
  key: 'T-1',
  tracker: 'builtin',
  title: 'x](javascript:alert(1)) <img src=x>\n# h',
  body: 'It **fails**.',
  type: '*task*',
  status: '[open](x)',
  labels: ['a_b'],
  assignee: '\u202e<b>anna',
  fields: {},
  sourceUrl: 'https://miro.com/app/board/uXj=/?moveToWidget=1',
  createdAt: new Date(0),
  updatedAt: new Date(0),
};

it('Tickets as Markdown show plain values as they are, and texts as Markdown', () => {
  expect(exportTickets([ticket], 'md')).toBe(
    [
      '# Tickets',
      '## T-1 x\\](javascript:alert(1)) \\<img src=x\\> \\# h',
      '\\[open\\](x) · \\*task\\* · \\<b\\>anna · a\\_b',
      'It **fails**.',
      '[On the board](https://miro.com/app/board/uXj=/?moveToWidget=1)\n',
    ].join('\n\n'),
  );
});
