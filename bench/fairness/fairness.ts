/** Does a tenant's small work wait behind another's thousand jobs? */
import type { BenchOptions, BenchRun } from '../bench.js';
import { startServices } from '../stack.js';
import { ownAccounts } from './own-accounts.js';
import { sharedAccount } from './shared-account.js';

export async function fairness({ quick, log }: BenchOptions): Promise<BenchRun> {
  log('starting Temporal and PostgreSQL');
  const services = await startServices(log);
  try {
    const own = await ownAccounts(services, { quick, log });
    const shared = await sharedAccount(services, { quick, log });
    return { measured: [...own, ...shared], versions: services.versions };
  } finally {
    await services.stop();
  }
}
