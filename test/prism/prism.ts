import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMiro, createScim, restToken, scimToken } from '../../miro/index.js';
import type { Answer, Call, ScimCall } from '../../miro/index.js';
import { spawnNode } from '../harness.js';
import { repairedSpecification } from './repairs.js';

export interface Prism {
  /**
   * What Prism makes of a request: 400 or 422 if the request is not as specified, 404 or 405 if there is no such operation.
   * Everything else is about the answer that Prism makes up.
   */
  statusOf: (call: Call<unknown> | ScimCall<unknown>) => Promise<number | undefined>;
  close: () => Promise<void>;
}

/** Prism as a process of its own, serving the repaired specification on loopback. */
export async function startPrism(): Promise<Prism> {
  const folder = await mkdtemp(join(tmpdir(), 'temporal-miro-prism-'));
  const file = join(folder, 'openapi.json');
  await writeFile(file, JSON.stringify(repairedSpecification()));
  const program = createRequire(import.meta.url).resolve('@stoplight/prism-cli/dist/index.js');
  const prism = await spawnNode(program, ['mock', '--errors', '--host', '127.0.0.1', '--port', '0', file]);
  const line = await prism.waitFor(/is listening on http/, 60_000);
  const baseUrl = /http:\/\/[\d.:]+/.exec(line)![0];
  const [rest, scim] = [createMiro({ baseUrl }), createScim({ baseUrl })];
  return {
    statusOf: async (call) => {
      let status: number | undefined;
      const how = { deadlineMs: 20_000, onAnswer: (answer: Answer) => (status = answer.status) };
      const sent =
        call.surface === 'scim'
          ? scim.send(call, { ...how, token: scimToken('token') })
          : rest.send(call, { ...how, token: restToken('token') });
      await sent.catch(() => undefined);
      return status;
    },
    close: async () => {
      await Promise.all([rest.close(), scim.close()]);
      await prism.kill();
      await rm(folder, { recursive: true });
    },
  };
}
