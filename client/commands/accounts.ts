/** What commands about Miro accounts talk to: the store with its vault, and Miro. */
import { gatewayConfig, type Env, type GatewayConfig } from '../../config.js';
import type { AccountDeps } from '../../gateway/deps.js';
import { createMiro, createPool } from '../../miro/index.js';
import type { Db } from '../../store/db.js';
import { checkVaultKeys } from '../../store/rotate.js';
import { openVault, type Vault } from '../../store/vault.js';
import { withStore } from './services.js';

/** HTTP deadline of one call to Miro. */
const MIRO_MS = 10_000;

export interface VaultServices {
  db: Db;
  vault: Vault;
  config: GatewayConfig;
}

/** Runs `work` with the store and the keys to its secrets. @throws ConfigError | CommandError | StartUpError | VaultError */
export async function withVault<T>(env: Env, work: (services: VaultServices) => Promise<T>): Promise<T> {
  const config = gatewayConfig(env);
  return withStore(env, async (db) => {
    const vault = openVault(config.vaultKeys);
    await checkVaultKeys(db, vault);
    return await work({ db, vault, config });
  });
}

export type AccountServices = AccountDeps & Pick<VaultServices, 'config'>;

/** As {@link withVault}, with Miro. @param log takes what is worth knowing besides */
export async function withAccounts<T>(
  env: Env,
  log: (line: string) => void,
  work: (services: AccountServices) => Promise<T>,
): Promise<T> {
  return withVault(env, async ({ db, vault, config }) => {
    const { apiUrl, url: miroUrl, app } = config.miro;
    const dispatcher = createPool();
    try {
      const miro = createMiro({ dispatcher, baseUrl: apiUrl });
      return await work({ db, vault, config, miro, dispatcher, apiUrl, miroUrl, app, deadlineMs: MIRO_MS, log });
    } finally {
      await dispatcher.close();
    }
  });
}
