// A program for dev-server.test.ts: starts a dev server, then ends in the way that is asked for.
import { startDevServer } from '../../../workers/dev-server.js';

const { address } = await startDevServer({ log: console.error });
console.log(address);
if (process.argv[2] === 'exit') process.exit(0);
if (process.argv[2] === 'throw') throw new Error('a bug');
setInterval(() => undefined, 1_000);
