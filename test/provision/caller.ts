/** A product backend's process, for many-callers.test.ts: `POST /` with `{request, calls}` makes that many calls at once and answers with all answers. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createTemporalMiro, type ProvisionRequest } from '../../client/index.js';

const [idKey = '', codecKeys = '', taskQueue = ''] = process.argv.slice(2);
const miro = await createTemporalMiro({ idKey: Buffer.from(idKey, 'hex'), codecKeys, taskQueue });

async function call(request: ProvisionRequest): Promise<object> {
  const { handle: _, ...answer } = await miro.provisionBoard(request, { waitMs: 60_000 });
  return answer;
}

const server = createServer((incoming, response) => {
  const answered = text(incoming).then(async (body) => {
    const { request, calls } = JSON.parse(body) as { request: ProvisionRequest; calls: number };
    return await Promise.all(Array.from({ length: calls }, () => call(request)));
  });
  answered.then(
    (answers) => response.end(JSON.stringify(answers)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`));
