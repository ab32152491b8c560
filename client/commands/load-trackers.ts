import { optionalPart } from './optional-part.js';

/** The trackers' clients are large: only commands that use them load them. */
export const loadTrackers = () =>
  optionalPart(async () => ({
    ...(await import('../../tickets/index.js')),
    ...(await import('../../tickets/line.js')),
  }));
