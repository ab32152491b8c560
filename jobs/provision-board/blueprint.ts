/** The blueprint format as a schema: what each part may hold. What the parts must be to each other is in blueprint-check.ts. */
import { z } from 'zod';
import type { Blueprint } from '../../contract.js';
import { InvalidInput, notOneOf, problemsOf, says, shown, strict } from '../invalid-input.js';
import { blueprintProblems } from './blueprint-check.js';
import {
  BASIC_SHAPES,
  FLOWCHART_SHAPES,
  TAG_COLOURS,
  cardStyle,
  connectorStyle,
  frameStyle,
  shapeStyle,
  stickyStyle,
  textStyle,
} from './styles.js';

const id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    says('is no id', 'use 1 to 63 letters, digits, dots, dashes and underscores'),
  );
const size = (min: number) => z.number().min(min).max(100_000);
const degrees = z.number().min(-360).max(360);
const position = strict({ x: z.number(), y: z.number(), relativeTo: z.enum(['frame', 'canvas']).optional() });
const placed = { id, frame: id.optional(), position };
const tags = z.array(id).max(8, says('has more than 8 tags', 'Miro allows 8 tags on an item')).optional();

const frame = strict({
  id,
  title: z.string(),
  position: strict({ x: z.number(), y: z.number() }),
  geometry: strict({ width: size(100), height: size(100) }),
  style: frameStyle.optional(),
});

// Miro derives the other side of a sticky note from its shape, and refuses both.
const stickyGeometry = strict({ width: size(8).optional(), height: size(8).optional() }).refine(
  ({ width, height }) => width === undefined || height === undefined,
  says('has width and height', 'give one of them: the shape of a sticky note decides the other'),
);
const boxGeometry = strict({
  width: size(8).optional(),
  height: size(8).optional(),
  rotation: degrees.optional(),
});

const item = z.discriminatedUnion(
  'type',
  [
    strict({
      ...placed,
      type: z.literal('sticky_note'),
      content: z.string().optional(),
      shape: z.enum(['square', 'rectangle']).optional(),
      geometry: stickyGeometry.optional(),
      style: stickyStyle.optional(),
      tags,
    }),
    strict({
      ...placed,
      type: z.literal('shape'),
      content: z.string().optional(),
      shape: z.enum([...BASIC_SHAPES, ...FLOWCHART_SHAPES]).optional(),
      geometry: boxGeometry.optional(),
      style: shapeStyle.optional(),
    }),
    strict({
      ...placed,
      type: z.literal('text'),
      content: z.string().regex(/\S/, says('is blank', 'write the text; Miro refuses an empty one')),
      geometry: strict({ width: size(1).optional(), rotation: degrees.optional() }).optional(),
      style: textStyle.optional(),
    }),
    strict({
      ...placed,
      type: z.literal('card'),
      title: z.string().optional(),
      description: z.string().optional(),
      dueDate: z.iso.datetime({ error: says('is no UTC date-time', 'write it like 2026-11-23T09:00:00Z') }).optional(),
      geometry: boxGeometry.optional(),
      style: cardStyle.optional(),
      tags,
    }),
  ],
  { error: (issue) => (issue.code === 'invalid_union' ? wrongType(issue.input) : undefined) },
);

function wrongType(item: unknown): string {
  const types = ['sticky_note', 'shape', 'text', 'card'];
  if (typeof item !== 'object' || item === null) return says(`is ${shown(item)}`, 'give an object');
  const { problem, remedy } = notOneOf((item as { type?: unknown }).type, types);
  return says(problem, remedy);
}

const connector = strict({
  id,
  from: id,
  to: id,
  shape: z.enum(['straight', 'elbowed', 'curved']).optional(),
  caption: z.string().optional(),
  style: connectorStyle.optional(),
});

const tag = strict({ id, title: z.string().min(1), fillColor: z.enum(TAG_COLOURS).optional() });

export const blueprintSchema = strict({
  version: z.literal(1),
  frames: z.array(frame).optional(),
  items: z.array(item).optional(),
  connectors: z.array(connector).optional(),
  tags: z.array(tag).optional(),
});

/**
 * A checked blueprint. Its placeholders have no values yet, so lengths are checked as far as they are known.
 * @throws InvalidInput naming every problem.
 */
export function parseBlueprint(raw: unknown): Blueprint {
  const parsed = blueprintSchema.safeParse(raw);
  if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error, raw, 'blueprint'));
  const problems = blueprintProblems(parsed.data);
  if (problems.length > 0) throw new InvalidInput(problems);
  return parsed.data;
}
