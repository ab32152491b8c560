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

/** A key ring of the payload codec that can't read what this installation's workers have written. */
export class CodecKeysMismatch extends Error {
  override readonly name = 'CodecKeysMismatch';
}

/**
 * The ring must hold every key that workers of this installation have encrypted with, as `codecKeyChecks` of codec.ts tells them: else runs would fail
 * half-way. Remembers the first one, which encrypts; none means plain text.
 * @throws CodecKeysMismatch
 */
export async function checkCodecKeys(db: Db, ring: { name: string; check: string }[]): Promise<void> {
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
    if (first)
      await tx.query('update miro.installation set codec_keys = codec_keys || jsonb_build_object($1::text, $2::text)', [
        first.name,
        first.check,
      ]);
  });
}

/** Forgets a codec key once no history that it encrypted is needed any more. @returns false when it was not known */
export async function retireCodecKey(db: Db, name: string): Promise<boolean> {
  const retired = await db.query(
    'update miro.installation set codec_keys = codec_keys - $1::text where codec_keys ? $1 returning id',
    [name],
  );
  return retired.length > 0;
}
