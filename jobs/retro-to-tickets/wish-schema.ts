/** What decides which tickets are planned, each field by itself. */
import { z } from 'zod';
import { boardAddress, miroId, printable } from '../fields.js';
import { says, strict } from '../invalid-input.js';
import { color } from './colors.js';
import { labels, mappingSchema, named, RECORD_KINDS } from './mapping.js';
import { patternProblem } from './pattern.js';

const MOST_OF_A_KIND = 100;
const MOST_ROWS = 10_000;

const listOf = <T extends z.ZodType>(one: T, what: string) =>
  z
    .array(one)
    .min(1, says('is empty', `name ${what}, or leave it out`))
    .max(MOST_OF_A_KIND, says(`has more than ${MOST_OF_A_KIND} entries`, 'name fewer'));

const title = printable(500, 'the title');

const source = strict({
  frames: listOf(printable(2000, 'the title, id or link of the frame'), 'frames').optional(),
  tags: listOf(title, 'tags').optional(),
  colors: listOf(color, 'colors').optional(),
});

const oneOrMore = <T extends z.ZodType>(one: T, what: string) => z.union([one, listOf(one, what)]).optional();

const pattern = z.string().superRefine((text, context) => {
  const found = patternProblem(text);
  if (found) context.addIssue(says(found.problem, found.remedy));
});

const condition = strict({
  tag: oneOrMore(title, 'tags'),
  color: oneOrMore(color, 'colors'),
  column: oneOrMore(title, 'columns'),
  frame: oneOrMore(title, 'frames'),
  type: oneOrMore(z.enum(['sticky_note', 'card', 'text', 'shape', 'app_card']), 'types'),
  text: pattern.optional(),
  prefix: z.enum(['checkbox', 'done', 'todo', 'mention']).optional(),
});

const kindOrDrop = z.enum([...RECORD_KINDS, 'drop']);
const rules = strict({
  rules: z
    .array(strict({ when: condition, kind: kindOrDrop }))
    .max(MOST_OF_A_KIND, says(`has more than ${MOST_OF_A_KIND} rules`, 'join some'))
    .optional(),
  otherwise: kindOrDrop.optional(),
  minVotes: z.int().min(0).max(1_000_000).optional(),
  duplicates: z.enum(['merge', 'keep']).optional(),
});

const votes = z.record(z.string().min(1), z.int().min(0).max(1_000_000));

export const wishFields = {
  source: source.optional(),
  rules: rules.optional(),
  mapping: mappingSchema.optional(),
  votes: votes.optional(),
  linkBack: z.enum(['list', 'card', 'text', 'none']).optional(),
  onChange: z.enum(['ignore', 'comment', 'update']).optional(),
  sameAs: boardAddress.optional(),
};

/** What a person may set in a row of a plan. */
export const rowEdit = {
  title: printable(250, 'the title').refine(
    (text) => text === '' || /\S/.test(text),
    says('is blank', 'write a title'),
  ),
  body: z.string().max(30_000, says('is longer than 30000 characters', 'shorten it')),
  labels,
  type: named.type.nullable(),
  status: named.status.nullable(),
  priority: named.priority.nullable(),
  parent: named.parent.nullable(),
  assignee: printable(200, 'the account').nullable(),
};

export const edits = strict({
  drop: z
    .array(miroId)
    .max(MOST_ROWS, says(`has more than ${MOST_ROWS} items`, 'narrow the source'))
    .optional(),
  set: z.record(miroId, strict(rowEdit).partial()).optional(),
});
