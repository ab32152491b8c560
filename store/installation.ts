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
  await compareInstallation(db, idKeyCheck);
}

/** As {@link checkInstallation}, but a store that has seen no key yet goes with every key, and keeps none. @throws IdKeyMismatch */
export async function compareInstallation(db: Db, idKeyCheck: string): Promise<void> {
  const [known] = await db.query<{ stored: string }>('select id_key_check as stored from miro.installation');
  if (known && known.stored !== idKeyCheck) throw new IdKeyMismatch(known.stored, idKeyCheck);
}

/** A key ring of the payload codec that can't read what this installation's workers have written. */
export class CodecKeysMismatch extends Error {
  override readonly name = 'CodecKeysMismatch';
}

/**
 * The ring must hold every key that workers of this installation have encrypted with, as `codecKeyChecks` of codec.ts tells them: else runs would fail
 * half-way. For a worker, which encrypts, its first key is one of them from now on; no ring means plain text.
 * @throws CodecKeysMismatch
 */
export async function checkCodecKeys(
  db: Db,
  ring: { name: string; check: string }[],
  { encrypts }: { encrypts: boolean },
): Promise<void> {
  await db.tx(async (tx) => {
    const sql = 'select codec_keys as used from miro.installation for update';
    const { used } = one(await tx.query<{ used: Record<string, string> }>(sql));
    for (const [name, check] of Object.entries(used)) {
      const held = ring.find((key) => key.name === name);
      if (held?.check === check) continue;
      const wrong = held ? 'holds another key of the name' : 'lacks the key';
      throw new CodecKeysMismatch(
        `TEMPORAL_MIRO_CODEC_KEYS ${wrong} "${name}", with which workers have encrypted payloads; put that one into the ring, behind the key in use`,
      );
    }
    const [first] = ring;
    if (first && encrypts)
      await tx.query('update miro.installation set codec_keys = codec_keys || jsonb_build_object($1::text, $2::text)', [
        first.name,
        first.check,
      ]);
  });
}

/** The names of the codec keys that workers have encrypted with, and that every ring must hold. */
export async function codecKeysInUse(db: Db): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    'select jsonb_object_keys(codec_keys) as name from miro.installation order by 1',
  );
  return rows.map(({ name }) => name);
}

/** Forgets a codec key once no history that it encrypted is needed any more. @returns false when it was not known */
export async function retireCodecKey(db: Db, name: string): Promise<boolean> {
  const retired = await db.query(
    'update miro.installation set codec_keys = codec_keys - $1::text where codec_keys ? $1 returning id',
    [name],
  );
  return retired.length > 0;
}
