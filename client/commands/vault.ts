/** `temporal-miro vault`: the keys under which Miro's tokens are stored. */
import { Command } from 'commander';
import { firstKey, parseKeyRing } from '../../key-ring.js';
import { rewrapDataKeys, vaultKeysInUse } from '../../store/rotate.js';
import { withVault } from './accounts.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { createOutput, table, type Output } from './output.js';
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
      'A worker or gateway whose ring lacks that key can use no token any more, so nothing is done without --yes. Safe to repeat, and to kill. The tokens themselves stay as they are.',
    )
    .option('--yes', 'every worker and gateway has the new key in its ring')
    .addHelpText(
      'after',
      '\nExample:\n  $ temporal-miro vault rotate --yes && temporal-miro vault check\n\nStep by step: docs/operations.md.',
    )
    .action(async (options: SharedOptions & { yes?: boolean }) => {
      const output = createOutput(options);
      const env = await environmentOf(options);
      if (!options.yes) {
        process.exitCode = await withVault(env, ({ config }) =>
          Promise.resolve(showCondition(config.vaultKeys, output)),
        );
        return;
      }
      const done = await withVault(env, ({ db, vault }) => rewrapDataKeys(db, vault));
      output.answer(
        done,
        () => `Wrapped anew for ${done.rewrapped} tenants; ${done.already} had the first key already.`,
      );
    });
}

function showCondition(ring: string, output: Output): ExitCode {
  const [key] = firstKey(parseKeyRing(ring));
  const condition = `every worker and gateway must have the key "${key}" in its ring, and have been restarted with it`;
  output.answer({ rotated: false, key, condition }, () => `Nothing was done: ${condition}. If so, --yes does it.`);
  return EXIT.notFinished;
}
