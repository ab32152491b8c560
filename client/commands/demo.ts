/** `temporal-miro demo`: the whole product as a story of half a minute, with its proof. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Argument, Command } from 'commander';
import { newKeyRing } from '../../key-ring.js';
import { stopSignals } from '../../workers/stop-signals.js';
import { createTell } from './demo/narrator.js';
import { isProven, type Check } from './demo/proof.js';
import type { ProvenBoard, Stage } from './demo/stage.js';
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

const STORIES = ['provision', 'retro'] as const;
type Story = (typeof STORIES)[number];

export function demoCommand(): Command {
  return new Command('demo')
    .summary('see it work, in half a minute, with nothing installed')
    .description(
      'Runs everything on this machine, lets Miro fail and kills the worker half-way, proves that nothing is doubled or lost, and ends.',
    )
    .addArgument(
      new Argument('[story]', 'provision: two boards; retro: a retrospective becomes tickets')
        .choices(STORIES)
        .default('provision'),
    )
    .option('--json', 'print the proof as one JSON document on stdout, the story on stderr')
    .option('--out <folder>', 'where the pictures of the boards go', join('.temporal-miro', 'demo'))
    .addHelpText('after', '\nExamples:\n  $ temporal-miro demo\n  $ temporal-miro demo retro')
    .action(async (story: Story, options: DemoOptions) => {
      process.exitCode = await demo(story, options, createOutput(options));
      if (process.exitCode === EXIT.notFinished) process.exit(); // calls that were cut off would be tried again for a while
    });
}

async function demo(story: Story, { out, json }: DemoOptions, output: Output): Promise<ExitCode> {
  const { signal, release } = stopSignals();
  const say = json ? output.note : (line: string): void => void process.stdout.write(`${line}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'temporal-miro-demo-'));
  try {
    say('Setting up Temporal, PostgreSQL and a stand-in Miro on this machine …');
    const boards = await playOn(story, folder, signal, say);
    const pictures = await draw(resolve(out), boards);
    const proven = boards.every(({ checks }) => isProven(checks));
    output.answer({ proven, boards: boards.map((board, i) => ({ ...board, ...pictures[i] })) }, () =>
      epilogue(boards, pictures, proven),
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
async function playOn(
  story: Story,
  folder: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<ProvenBoard[]> {
  const { startLocalServices } = await optionalPart(() => import('./local-services.js'));
  const play = await plotOf(story);
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
    return await play({ env, tell: createTell(say, signal), signal });
  } finally {
    await services.stop();
  }
}

async function plotOf(story: Story): Promise<(stage: Stage) => Promise<ProvenBoard[]>> {
  switch (story) {
    case 'provision':
      return (await optionalPart(() => import('./demo/provision-story.js'))).playProvisioning;
    case 'retro':
      return (await optionalPart(() => import('./demo/retro-story.js'))).playRetro;
  }
}

/** The paths of a board's pictures. */
interface Pictures {
  picture: string;
  before?: string;
}

async function draw(folder: string, boards: ProvenBoard[]): Promise<Pictures[]> {
  await mkdir(folder, { recursive: true });
  const save = async (name: string, svg: string): Promise<string> => {
    const path = join(folder, `${name}.svg`);
    await writeFile(path, svg);
    return path;
  };
  return Promise.all(
    boards.map(async ({ title, picture, before }) => ({
      ...(before === undefined ? {} : { before: await save(`${title}-before`, before) }),
      picture: await save(title, picture),
    })),
  );
}

function epilogue(boards: ProvenBoard[], pictures: Pictures[], proven: boolean): string {
  const rows = boards.flatMap(({ title, checks }) => checks.map((check) => rowOf(title, check)));
  const paths = pictures.flatMap(({ before, picture }) => [...(before === undefined ? [] : [before]), picture]);
  return `${ticketsText(boards.flatMap(({ tickets = [] }) => tickets))}
What is there, counted from the stand-in's own state:

${table(['board', 'what', 'wanted', 'there', 'doubled', 'missing', ''], rows)}

${proven ? 'Everything exists exactly once.' : 'This must not be: please report it with the story above.'}
Pictures: ${paths.join(', ')}
`;
}

const SHOWN_TICKETS = 12;

function ticketsText(tickets: { key: string; title: string }[]): string {
  if (tickets.length === 0) return '';
  const rows = tickets.slice(0, SHOWN_TICKETS).map(({ key, title }) => [key, title]);
  const left = tickets.length - rows.length;
  return `\nThe tickets:\n\n${table(['key', 'title'], rows)}${left > 0 ? `\n… and ${left} more` : ''}\n`;
}

const rowOf = (title: string, { what, wanted, found, doubled, missing }: Check): (string | number)[] => [
  ...[title, what, wanted, found, doubled, missing],
  doubled + missing === 0 ? '✓' : '✗',
];
