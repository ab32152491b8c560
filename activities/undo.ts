/** Taking a retro back. */
import { createHideTicketActivities } from './hide-tickets.js';
import type { CallingDeps } from './job-context.js';
import { createTidyTicketActivities } from './tidy-tickets.js';
import { createUndoRetroActivities } from './undo-retro.js';

export const createUndoActivities = (deps: CallingDeps) => ({
  ...createUndoRetroActivities(deps),
  ...createHideTicketActivities(deps),
  ...createTidyTicketActivities(deps),
});
