/** `temporal-miro vault`: the keys under which Miro's tokens are stored. */
import { Command } from 'commander';
import { parseKeyRing } from '../../key-ring.js';
import { rewrapDataKeys, vaultKeysInUse } from '../../store/rotate.js';
import { withVault } from './accounts.js';
import { createOutput, table } from './output.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

export function vaultCommand(): Command {
  return new Command('vault')
    .summary('check and rotate the vault’s keys')
    .description('The key ring in TEMPORAL_MIRO_VAULT_KEYS, which wraps one data key per tenant.')
    .addCommand(checkCommand())
    .addCommand(rotateCommand());
}

function checkCommand(): Command {
  return sharedOptions(new Command('check'))
    .summary('whether the ring opens everything, and which of its keys are still needed')
    .addHelpText(
      'after',
      '\nExample:\n  $ temporal-miro vault check\n\nEnds with 2 when a key is missing or another one.',
    )
    .action(async (options: SharedOptions) => {
      const keys = await withVault(await environmentOf(options), async ({ db, config }) => {
        const inUse = new Map((await vaultKeysInUse(db)).map(({ name, dataKeys }) => [name, dataKeys]));
        return [...parseKeyRing(config.vaultKeys).keys()].map((name, place) => {
          const dataKeys = inUse.get(name) ?? 0;
          return { name, dataKeys, mayLeave: place > 0 && dataKeys === 0 };
        });
      });
      createOutput(options).answer({ keys }, () =>
        table(
          ['key', 'tenants', ''],
          keys.map(({ name, dataKeys, mayLeave }, place) => [
            ...[name, dataKeys],
            mayLeave
              ? 'may be removed from the ring'
              : place === 0
                ? 'seals what is new'
                : 'still needed: vault rotate',
          ]),
        ),
      );
    });
}

function rotateCommand(): Command {
  return sharedOptions(new Command('rotate'))
    .summary('wrap every tenant’s data key under the ring’s first key')
    .description(
      'Safe while workers run, if all of them have the new key in their ring; safe to repeat, and to kill. The tokens themselves stay as they are.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ temporal-miro vault rotate && temporal-miro vault check\n\nStep by step: docs/operations.md.',
    )
    .action(async (options: SharedOptions) => {
      const done = await withVault(await environmentOf(options), ({ db, vault }) => rewrapDataKeys(db, vault));
      createOutput(options).answer(
        done,
        () => `Wrapped anew for ${done.rewrapped} tenants; ${done.already} had the first key already.`,
      );
    });
}
