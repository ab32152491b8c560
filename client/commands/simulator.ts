/** `temporal-miro simulator`: the stand-in Miro in this process. Its own program reads its flags, so there is one list of them. */
import { Command } from 'commander';

export function simulatorCommand(): Command {
  return new Command('simulator')
    .summary('run a stand-in Miro until Ctrl-C')
    .description(
      'Runs a stand-in Miro with state of its own over HTTP, and prints its address and tokens as one JSON line.',
    )
    .usage('[--port N] [--world small] [--latency-ms 0] [--faults <file>|realistic] [--seed 1] …')
    .argument('[flags...]')
    .allowUnknownOption()
    .addHelpText(
      'after',
      '\nExample:\n  $ temporal-miro simulator --port 4010 --latency-ms 100 --faults realistic\n\nAll flags: docs/simulator.md.',
    )
    .action(async (flags: string[]) => {
      process.argv = [...process.argv.slice(0, 2), ...flags.filter((flag) => flag !== '--json')]; // its answer is JSON in any case
      await import('../../simulator/main.js');
    });
}
