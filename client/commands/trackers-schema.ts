/** `temporal-miro trackers schema`: the form of a mapping, for editors that check files as they are written. */
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { createOutput } from './output.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';

const SCHEMA = new URL('../../jobs/retro-to-tickets/mapping.schema.json', import.meta.url);

export function schemaCommand(): Command {
  return sharedOptions(new Command('schema'))
    .summary('JSON Schema of a mapping file')
    .addHelpText('after', '\nExample:\n  $ temporal-miro trackers schema > mapping.schema.json')
    .action(async (options: SharedOptions) => {
      const text = await readFile(SCHEMA, 'utf8');
      createOutput(options).answer(JSON.parse(text) as object, () => text);
    });
}
