import { optionalPart } from './optional-part.js';

/** The trackers' clients are large: only commands that use them load them. */
export const loadTrackers = () => optionalPart(() => import('../../tickets/index.js'));
