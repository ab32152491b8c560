import type { Call } from './call.js';
import { buildCall } from './call.js';
import { nothing } from './readers.js';

/** Enterprise, company admins. */
export const sessions = {
  /** Signs a person out everywhere; the account stays active. Safe to repeat. */
  resetAll: (email: string): Call<void> =>
    buildCall('enterprise-post-user-sessions-reset', { query: { email } }, nothing),
};
