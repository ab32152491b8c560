import { one, type Db } from './db.js';

/**
 * The store belongs to an installation with another key: markers and workflow ids made with this one would not find
 * what exists.
 */
export class IdKeyMismatch extends Error {
  override readonly name = 'IdKeyMismatch';
  readonly stored: string;
  readonly given: string;

  constructor(stored: string, given: string) {
    super(
      `the installation key (check ${given}) is not the one this database was first used with (check ${stored}); set TEMPORAL_MIRO_ID_KEY to that one`,
    );
    this.stored = stored;
    this.given = given;
  }
}

/**
 * Compares the key's check (`idKeyCheck` of ids.ts: eight hex digits) with the first one that this store saw, which it
 * keeps.
 * @throws IdKeyMismatch
 */
export async function checkInstallation(db: Db, idKeyCheck: string): Promise<void> {
  await db.query('insert into miro.installation (id_key_check) values ($1) on conflict do nothing', [idKeyCheck]);
  const { stored } = one(await db.query<{ stored: string }>('select id_key_check as stored from miro.installation'));
  if (stored !== idKeyCheck) throw new IdKeyMismatch(stored, idKeyCheck);
}
