import type { TicketDraft } from '../../tickets/tracker.js';

/** A ticket to be made, with all that a draft must have. */
export const draft = (marker: string, more: Partial<TicketDraft> = {}): TicketDraft => ({
  marker,
  title: 'Fix the build',
  body: 'It is **red**.',
  labels: [],
  sourceUrl: 'https://miro.com/app/board/b1=/?moveToWidget=1',
  ...more,
});
