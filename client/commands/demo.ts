/** `temporal-miro demo`: the whole product as a story of half a minute, with its proof. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { newKeyRing } from '../../key-ring.js';
import { stopSignals } from '../../workers/stop-signals.js';
import { createTell } from './demo/narrator.js';
import { isProven, type Check } from './demo/proof.js';
import type { ProvenBoard } from './demo/story.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { optionalPart } from './optional-part.js';
import { createOutput, table, type Output } from './output.js';

interface DemoOptions {
  json?: boolean;
  out: string;
}

/** Leases and settle times are shrunk to a twentieth: the simulator answers at once, and nobody wants to wait two minutes for a lost copy. */
const TIME_SCALE = '0.05';
/** Miro gives credits by the minute; here a 429 is over after three seconds. */
const SIMULATOR = { windowMs: 3_000, latencyMs: 40, seed: 11 };

export function demoCommand(): Command {
  return new Command('demo')
    .summary('see it work, in half a minute, with nothing installed')
    .description(
      'Runs everything on this machine, provisions two boards while Miro fails and the worker is killed, proves that nothing is doubled or lost, and ends.',
    )
    .option('--json', 'print the proof as one JSON document on stdout, the story on stderr')
    .option('--out <folder>', 'where the pictures of the boards go', join('.temporal-miro', 'demo'))
    .addHelpText('after', '\nExample:\n  $ temporal-miro demo')
    .action(async (options: DemoOptions) => {
      process.exitCode = await demo(options, createOutput(options));
      if (process.exitCode === EXIT.notFinished) process.exit(); // calls that were cut off would be tried again for a while
    });
}

async function demo({ out, json }: DemoOptions, output: Output): Promise<ExitCode> {
  const { signal, release } = stopSignals();
  const say = json ? output.note : (line: string): void => void process.stdout.write(`${line}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'temporal-miro-demo-'));
  try {
    say('Setting up Temporal, PostgreSQL and a stand-in Miro on this machine …');
    const boards = await playOn(folder, signal, say);
    const pictures = await draw(resolve(out), boards);
    const proven = boards.every(({ checks }) => isProven(checks));
    output.answer(
      { proven, boards: boards.map(({ picture: _, ...board }, i) => ({ ...board, picture: pictures[i] })) },
      () => epilogue(boards, pictures, proven),
    );
    return proven ? EXIT.done : EXIT.notDone;
  } catch (error) {
    if (!signal.aborted) throw error;
    output.note('Stopped; nothing is left running.');
    return EXIT.notFinished;
  } finally {
    await rm(folder, { recursive: true, force: true });
    release();
  }
}

/** Builds the stage, plays the story on it, and takes all of it down. */
async function playOn(folder: string, signal: AbortSignal, say: (line: string) => void): Promise<ProvenBoard[]> {
  const { startLocalServices } = await optionalPart(() => import('./local-services.js'));
  const { playStory } = await optionalPart(() => import('./demo/story.js'));
  const given = { database: {} };
  const services = await startLocalServices({ folder, durable: false, given, simulator: SIMULATOR, log: say, signal });
  try {
    const env = {
      ...services.env,
      TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64'),
      TEMPORAL_MIRO_VAULT_KEYS: newKeyRing(),
      TEMPORAL_MIRO_CODEC_KEYS: newKeyRing(),
      TEMPORAL_MIRO_TIME_SCALE: TIME_SCALE,
    };
    return await playStory({ env, tell: createTell(say, signal), signal });
  } finally {
    await services.stop();
  }
}

/** @returns the paths of the pictures. */
async function draw(folder: string, boards: ProvenBoard[]): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths = boards.map(({ title }) => join(folder, `${title}.svg`));
  for (const [i, path] of paths.entries()) await writeFile(path, boards[i]?.picture ?? '');
  return paths;
}

function epilogue(boards: ProvenBoard[], pictures: string[], proven: boolean): string {
  const rows = boards.flatMap(({ title, checks }) => checks.map((check) => rowOf(title, check)));
  return `
What the stand-in Miro holds, counted from its own state:

${table(['board', 'what', 'wanted', 'there', 'doubled', 'missing', ''], rows)}

${proven ? 'Everything exists exactly once.' : 'This must not be: please report it with the story above.'}
Pictures of both boards: ${pictures.join(', ')}
`;
}

const rowOf = (title: string, { what, wanted, found, doubled, missing }: Check): (string | number)[] => [
  ...[title, what, wanted, found, doubled, missing],
  doubled + missing === 0 ? '✓' : '✗',
];
