/** `temporal-miro codec`: the keys under which Temporal keeps inputs and results. */
import { Argument, Command } from 'commander';
import { clientConfig, type Env } from '../../config.js';
import { firstKey, parseKeyRing } from '../../key-ring.js';
import { codecKeysInUse, retireCodecKey } from '../../store/installation.js';
import { badInput, CommandError, EXIT, type ExitCode } from './exit-codes.js';
import { createOutput, table, type Output } from './output.js';
import { withStore } from './services.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

export function codecCommand(): Command {
  return new Command('codec')
    .summary('list and retire the keys of the payload codec')
    .description('The key ring in TEMPORAL_MIRO_CODEC_KEYS. Every worker must hold each key that workers have used.')
    .addCommand(keysCommand())
    .addCommand(retireCommand());
}

function keysCommand(): Command {
  return sharedOptions(new Command('keys'))
    .summary('the keys that workers have encrypted with')
    .addHelpText('after', '\nExample:\n  $ temporal-miro codec keys')
    .action(async (options: SharedOptions) => {
      const env = await environmentOf(options);
      const used = await withStore(env, codecKeysInUse);
      const keys = used.map((name) => ({ name, first: name === firstOf(env) }));
      createOutput(options).answer({ keys }, () =>
        keys.length === 0
          ? 'No worker has encrypted anything yet.'
          : table(
              ['key', ''],
              keys.map(({ name, first }) => [
                name,
                first ? 'encrypts what is new' : 'still needed, unless it is retired',
              ]),
            ),
      );
    });
}

interface RetireOptions extends SharedOptions {
  yes?: boolean;
}

function retireCommand(): Command {
  return sharedOptions(new Command('retire').addArgument(new Argument('<name>', 'the key’s, before the colon')))
    .summary('let workers start without an old key')
    .description(
      'Temporal’s histories are never rewritten: what the key has encrypted can’t be read without it. So nothing is done without --yes.',
    )
    .option('--yes', 'no run that the key has encrypted is running, or still kept by Temporal')
    .addHelpText('after', '\nExample:\n  $ temporal-miro codec retire 2025 --yes\n\nStep by step: docs/operations.md.')
    .action(async (name: string, options: RetireOptions) => {
      process.exitCode = await retire(name, options, createOutput(options));
    });
}

async function retire(name: string, options: RetireOptions, output: Output): Promise<ExitCode> {
  const env = await environmentOf(options);
  if (name === firstOf(env))
    throw badInput(
      `the key "${name}" is the first of TEMPORAL_MIRO_CODEC_KEYS, which encrypts; put another one in front`,
    );
  return withStore(env, async (db) => {
    const isKnown = options.yes ? await retireCodecKey(db, name) : (await codecKeysInUse(db)).includes(name);
    if (!isKnown)
      throw new CommandError(
        EXIT.unknown,
        `no worker has encrypted with a key "${name}", or it is retired; list them with: temporal-miro codec keys`,
      );
    output.answer({ key: name, retired: options.yes === true }, () =>
      options.yes
        ? `Retired: workers start without "${name}".`
        : `Nothing was done. What "${name}" has encrypted can't be read without it; if Temporal keeps none of it any more, --yes retires it.`,
    );
    return options.yes ? EXIT.done : EXIT.notFinished;
  });
}

/** The key of this environment that encrypts. */
function firstOf(env: Env): string | undefined {
  const { codecKeys } = clientConfig(env);
  return codecKeys === undefined ? undefined : firstKey(parseKeyRing(codecKeys))[0];
}
