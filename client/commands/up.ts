/** `temporal-miro up`: everything on this machine, to work with, until Ctrl-C. */
import { join } from 'node:path';
import { Command } from 'commander';
import { storeConfig, withDefaults, workerConfig, type Env } from '../../config.js';
import { stopSignals } from '../../workers/stop-signals.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { shippedBlueprints } from './documents.js';
import { optionalPart } from './optional-part.js';
import { createOutput, type Output } from './output.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { openStateFolder } from './state-folder.js';

interface UpOptions extends SharedOptions {
  simulator?: boolean;
}

export function upCommand(): Command {
  return sharedOptions(new Command('up'))
    .summary('run everything on this machine until Ctrl-C')
    .description(
      'Runs Temporal, PostgreSQL and a worker on this machine until Ctrl-C. Data, keys and addresses are in .temporal-miro/, where other commands find them.',
    )
    .option('--simulator', 'a stand-in Miro in place of your account; its boards are gone when it stops')
    .addHelpText('after', '\nExamples:\n  $ temporal-miro up --simulator\n  $ MIRO_ACCESS_TOKEN=… temporal-miro up')
    .action(async (options: UpOptions) => {
      process.exitCode = await up(options, createOutput(options));
    });
}

async function up(options: UpOptions, output: Output): Promise<ExitCode> {
  const { signal, release } = stopSignals();
  const folder = await openStateFolder(options.dir ?? '.');
  const keys = await folder.keys();
  const given = options.simulator ? withoutMiro(withDefaults(keys)) : withDefaults(keys);
  const { startLocalServices } = await optionalPart(() => import('./local-services.js'));
  const { installRuntime, runWorker } = await optionalPart(() => import('../../workers/run-worker.js'));
  const undo: (() => Promise<void>)[] = [];
  try {
    const services = await startLocalServices({
      folder: folder.path,
      durable: true,
      given: { database: storeConfig(given), temporalAddress: given['TEMPORAL_ADDRESS'] },
      // Another seed each time: a board of yesterday's simulator must not be taken for one of today's.
      ...(options.simulator ? { simulator: { seed: Date.now() } } : {}),
      log: output.note,
      signal,
    });
    undo.unshift(services.stop);
    undo.unshift(await folder.announce({ ...keys, ...services.env }));
    const config = workerConfig(withDefaults(services.env, given));
    const blueprints = await shippedBlueprints();
    installRuntime();
    await runWorker(config, {
      signal,
      onReady: () => {
        const { temporalUi, simulatorUrl: simulator } = services;
        const ready = {
          ready: true,
          folder: folder.path,
          temporal: services.env['TEMPORAL_ADDRESS'],
          temporalUi,
          simulator,
        };
        output.answer(ready, () => welcome(ready, config.miro.accessToken !== undefined, blueprints));
      },
      log: output.note,
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    for (const step of undo) await step();
    release();
  }
  return EXIT.done;
}

function withoutMiro(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MIRO_')));
}

interface Ready {
  folder: string;
  temporal?: string | undefined;
  temporalUi?: string | undefined;
  simulator?: string | undefined;
}

function welcome(
  { folder, temporal, temporalUi, simulator }: Ready,
  hasAccount: boolean,
  blueprints: string[],
): string {
  const miro =
    simulator ?? (hasAccount ? 'your account' : 'none: start again with MIRO_ACCESS_TOKEN, or with --simulator');
  return `
Everything runs; Ctrl-C stops it.

  Temporal   ${temporal}${temporalUi === undefined ? '' : `, web UI ${temporalUi}`}
  Miro       ${miro}
  Settings   ${join(folder, 'running.env')} (commands in this folder find it; for programs: node --env-file)

Try, in another terminal in this folder:

  temporal-miro provision --key demo:1 --name "My first board" --blueprint ${blueprints[0]} --plan
  temporal-miro runs list

Blueprints: ${blueprints.join(', ')}. In a clone, write "npm run provision -- …" and "npm run runs -- list".
`;
}
