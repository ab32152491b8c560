import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, resolve, type Operation, type Schema } from '../../simulator/spec/operations.js';
import { brokenInvariants } from './invariants.js';
import { useSimulator } from './miro.js';
import { setStage, type Stage } from './stage.js';

const { sim, send } = useSimulator({ creditLimit: 1e9, copyMs: 1 });
let stage: Stage;
let errors: string[] = [];
const write = process.stderr.write.bind(process.stderr);
beforeAll(async () => {
  await send('POST', '/_sim/reset');
  stage = await setStage(send);
  process.stderr.write = (text: string | Uint8Array) => {
    errors.push(String(text));
    return true;
  };
});
afterAll(() => {
  process.stderr.write = write;
});

const junk = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
);

/** Values that fit a schema, now and then spoilt. */
function valueOf(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const s = resolve(schema);
  const good = depth > 5 ? fc.constant(undefined) : goodValueOf(s, depth);
  return fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: junk });
}

function goodValueOf(s: Schema, depth: number): fc.Arbitrary<unknown> {
  if (s.enum) return fc.constantFrom(...s.enum);
  const choices = s.oneOf ?? s.anyOf;
  if (choices) return fc.oneof(...choices.map((choice) => valueOf(choice, depth + 1)));
  if (s.type === 'array') return fc.array(valueOf(s.items ?? {}, depth + 1), { maxLength: 4 });
  if (s.properties) return objectOf(s, depth);
  if (s.type === 'boolean') return fc.boolean();
  if (s.type === 'number' || s.type === 'integer') return fc.oneof(fc.integer({ min: -500, max: 500 }), fc.double());
  return textOf(s);
}

function objectOf(s: Schema, depth: number): fc.Arbitrary<unknown> {
  const parts = Object.entries(s.properties ?? {}).map(([name, part]) => [name, valueOf(part, depth + 1)] as const);
  return fc.record(Object.fromEntries(parts), {
    requiredKeys: (s.required ?? []).filter((name) => s.properties?.[name]),
  });
}

const known = (): fc.Arbitrary<string> =>
  fc.constantFrom(...Object.values(stage.ids), ...Object.values(stage.items), stage.email);
const textOf = (s: Schema): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ maxLength: Math.min(s.maxLength ?? 20, 400) }),
    known(),
    fc.constantFrom('#ff0000', '50%', 'https://e.example/x', '2030-01-01T00:00:00Z', '<p>x</p>'),
  );

const requestOf = (op: Operation): fc.Arbitrary<{ op: Operation; path: string; body: unknown }> => {
  const names = [...op.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const id = (name: string): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(stage.ids[name] ?? stage.items['sticky_note']!) },
      { weight: 1, arbitrary: fc.oneof(known(), fc.string({ minLength: 1 })) },
    );
  const query = fc.record(
    Object.fromEntries(
      op.query.map((p) => [p.name, fc.oneof(fc.constantFrom('10', '0', '-1', 'x', 'true'), textOf(resolve(p.schema)))]),
    ),
    { requiredKeys: [] },
  );
  const body = op.body && !op.multipart ? valueOf(op.body) : fc.constant(undefined);
  return fc.tuple(fc.tuple(...names.map(id)), query, body).map(([ids, asked, sent]) => {
    const filled = names.reduce((path, name, i) => path.replace(`{${name}}`, encodeURIComponent(ids[i]!)), op.path);
    const scim = op.path.startsWith('/v') ? '' : '/api/v1/scim';
    return {
      op,
      path: `${scim}${filled}?${new URLSearchParams(asked as Record<string, string>).toString()}`,
      body: sent,
    };
  });
};

// tokens die by these, and with them the rest of the run
const DEADLY = [
  'revoke-token',
  'revoke-token-v2',
  'enterprise-delete-team',
  'deleteUser',
  'patchUser',
  'replaceUser',
  'patchGroup',
];

/** Deletions leave little to work on, so the stage is set again and again; the same seed gives it the same ids. */
const PER_STAGE = 150;
let sent = 0;

async function checkAndRestage(): Promise<void> {
  const state = await send('GET', '/_sim/state');
  expect(brokenInvariants(state.body)).toEqual([]);
  await send('POST', '/_sim/reset');
  expect(await setStage(send)).toEqual(stage);
}

/** Random requests from the specification: the simulator never fails by itself, and its state stays whole. */
export function describeFuzz(numRuns: number, seed: number): void {
  describe('random requests from the specification', () => {
    it(`never make the simulator fail or corrupt its state (${numRuns} requests)`, async () => {
      const request = fc.constantFrom(...operations.filter(({ id }) => !DEADLY.includes(id))).chain(requestOf);
      await fc.assert(
        fc.asyncProperty(request, async ({ op, path, body }) => {
          if (++sent % PER_STAGE === 0) await checkAndRestage();
          errors = [];
          const { status } = await send(
            op.method,
            path,
            body,
            op.path.startsWith('/v') ? {} : { token: sim().scimToken },
          );
          expect(errors).toEqual([]);
          expect(status).toBeLessThan(500);
        }),
        { numRuns, seed },
      );
      await checkAndRestage();
    });
  });
}
