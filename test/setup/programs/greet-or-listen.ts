// A program for harness.test.ts: greets and ends with the given code, or listens until it is killed.
import { createServer, type AddressInfo } from 'node:net';

const [what = '0'] = process.argv.slice(2);
if (what === 'listen') {
  const server = createServer().listen(0, '127.0.0.1', () => {
    console.log(`port ${(server.address() as AddressInfo).port}`);
  });
} else {
  console.log(`${process.env['GREETING']} ${what}`);
  process.exitCode = Number(what);
}
