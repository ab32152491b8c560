/** Is the simulator fast enough that what is measured above it is not the simulator? */
import { Pool } from 'undici';
import type { RunningSimulator } from '../simulator/app.js';
import type { BenchOptions, BenchRun } from './bench.js';
import { startProgram } from './program.js';
import { interleaved, median } from './samples.js';

const CONNECTIONS = 32;

interface Request {
  method: 'GET' | 'POST';
  path: string;
  body?: string;
}

const aNote = (boardId: string): Request => ({
  method: 'POST',
  path: `/v2/boards/${boardId}/sticky_notes`,
  body: JSON.stringify({ data: { content: 'Note', shape: 'square' }, position: { x: 100, y: 100 } }),
});
const aBoard = (boardId: string): Request => ({ method: 'GET', path: `/v2/boards/${boardId}` });

/** Both servers are processes of their own with one thread each; the load comes from this one. */
export async function simulator({ quick, log }: BenchOptions): Promise<BenchRun> {
  const programs = await Promise.all([
    startProgram('simulator/main.ts', ['--credits', '1000000000']),
    startProgram('bench/bare-server.ts'),
  ]);
  const [miro, bare] = programs.map(({ ready }) => ready) as [RunningSimulator, { url: string }];
  const size = quick ? { pairs: 3, warmUp: 1, ms: 500 } : { pairs: 5, warmUp: 1, ms: 5_000 };
  const compare = (requestFor: (boardId: string) => Request) =>
    interleaved(
      size,
      // A new board each time: the notes of the time before must not make this one slower.
      async () => perSecond(miro.url, requestFor(await newBoard(miro)), { ms: size.ms, token: miro.accessToken }),
      () => perSecond(bare.url, requestFor('board'), { ms: size.ms }),
    );
  try {
    log('reads, simulator and bare server in turn');
    const reads = await compare(aBoard);
    log('writes, simulator and bare server in turn');
    const writes = await compare(aNote);
    return {
      measured: [
        {
          metric: 'GET a board, against a bare node:http server',
          value: median(reads.a),
          unit: 'requests/s',
          against: median(reads.b),
          goal: ['value', '≥', 4000],
        },
        {
          metric: 'POST a sticky note, against a bare node:http server',
          value: median(writes.a),
          unit: 'requests/s',
          against: median(writes.b),
          goal: ['value', '≥', 1000],
        },
      ],
      versions: {},
    };
  } finally {
    for (const program of programs) await program.stop();
  }
}

async function newBoard({ url, accessToken }: RunningSimulator): Promise<string> {
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/v2/boards`, { method: 'POST', headers, body: '{"name":"Bench"}' });
  return ((await response.json()) as { id: string }).id;
}

async function perSecond(
  url: string,
  request: Request,
  { ms, token = 'none' }: { ms: number; token?: string },
): Promise<number> {
  const pool = new Pool(url, { connections: CONNECTIONS });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const started = performance.now();
  let answers = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() - started < ms) {
      const { statusCode, body } = await pool.request({ ...request, headers });
      await body.dump();
      if (statusCode >= 300) throw new Error(`${request.method} ${request.path} was answered with ${statusCode}`);
      answers += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, lane));
    return (answers * 1000) / (performance.now() - started);
  } finally {
    await pool.close();
  }
}
