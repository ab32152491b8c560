/** The store at a process's start, with keys that fit what is in it: better no process than one that works halfway. */
import { codecKeyChecks } from '../codec.js';
import { idKeyCheck, type IdKey } from '../ids.js';
import { openDb, type Db } from '../store/db.js';
import { startEvents } from '../store/events.js';
import { checkCodecKeys, checkInstallation, CodecKeysMismatch, IdKeyMismatch } from '../store/installation.js';
import { assertSchema, SchemaMismatch } from '../store/migrate.js';
import { checkVaultKeys } from '../store/rotate.js';
import { openVault, VaultError, type Vault } from '../store/vault.js';
import { databaseUnreachable, StartUpError } from './start-up-error.js';

export interface StoreSettings {
  database: { url?: string; schema?: string };
  idKey: IdKey;
  /** Key ring of the vault, `name:base64[,…]`. */
  vaultKeys: string;
  /** Key ring of the payload codec, same form; null: this process reads and writes no payload. */
  codecKeys: string | undefined | null;
  /** This process is a worker: what it writes to Temporal is encrypted under the first of these. */
  encrypts: boolean;
}

const MISFITS = [SchemaMismatch, IdKeyMismatch, CodecKeysMismatch, VaultError];

/** @throws StartUpError when a setting is missing or does not fit what is stored, or the database is absent. */
export async function openStore(settings: StoreSettings): Promise<{ db: Db; vault: Vault }> {
  const { url, schema } = settings.database;
  if (url === undefined) {
    throw new StartUpError(
      2,
      'DATABASE_URL is missing; set it, or start everything on this machine with: temporal-miro up',
    );
  }
  const vault = openVault(settings.vaultKeys);
  const db = openDb({ url, ...(schema ? { schema } : {}) });
  try {
    await checkFit(db, vault, settings);
    return { db, vault };
  } catch (error) {
    await db.close();
    if (MISFITS.some((misfit) => error instanceof misfit))
      throw new StartUpError(2, (error as Error).message, { cause: error });
    throw databaseUnreachable(url, error);
  }
}

async function checkFit(db: Db, vault: Vault, { idKey, codecKeys, encrypts }: StoreSettings): Promise<void> {
  await assertSchema(db);
  await checkInstallation(db, idKeyCheck(idKey));
  if (codecKeys !== null)
    await checkCodecKeys(db, codecKeys === undefined ? [] : codecKeyChecks(codecKeys), { encrypts });
  await checkVaultKeys(db, vault);
  await startEvents(db);
}
