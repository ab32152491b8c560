/** The mapping of records to tickets, as a person writes it in a file. */
import { z } from 'zod';
import type { TicketMapping } from '../../contract-retro.js';
import { printable } from '../fields.js';
import { InvalidInput, problemsOf, says, strict } from '../invalid-input.js';
import { color } from './colors.js';
import { templateProblems } from './template.js';

export const RECORD_KINDS = ['task', 'feature_request', 'insight', 'decision'] as const;

const template = (max: number) =>
  z
    .string()
    .min(1, says('is empty', 'write a template, or leave it out'))
    .max(max, says(`is longer than ${max} characters`, 'shorten it'))
    .superRefine((text, context) => {
      for (const { problem, remedy } of templateProblems(text)) context.addIssue(says(problem, remedy));
    });

export const label = printable(200, 'the label');
export const labels = z.array(label).max(50, says('has more than 50 labels', 'keep those that are needed'));
const ownFields = z.record(printable(200, 'the name of the field'), z.json());

/** Texts of a ticket that are names in the tracker. */
export const named = {
  type: printable(200, 'the type'),
  status: printable(200, 'the status'),
  priority: printable(200, 'the priority'),
  parent: printable(200, 'the key of the parent'),
};

const ticketFields = strict({
  type: named.type.optional(),
  labels: labels.optional(),
  status: named.status.optional(),
  priority: named.priority.optional(),
  parent: named.parent.optional(),
  fields: ownFields.optional(),
});

export const mappingSchema = strict({
  version: z.literal(1),
  title: template(500).optional(),
  body: template(20_000).optional(),
  ...ticketFields.shape,
  assignee: z.enum(['author', 'mention', 'none']).optional(),
  people: z.record(printable(254, 'the e-mail address or name'), printable(200, 'the account')).optional(),
  kinds: strict({
    task: ticketFields.optional(),
    feature_request: ticketFields.optional(),
    insight: ticketFields.optional(),
    decision: ticketFields.optional(),
  }).optional(),
  columns: z.record(printable(200, 'the title of the column'), ticketFields).optional(),
  colors: z.record(color, ticketFields).optional(),
});

/** @throws InvalidInput naming every problem it found. */
export function parseMapping(raw: unknown): TicketMapping {
  const parsed = mappingSchema.safeParse(raw);
  if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error, raw, 'the mapping'));
  return parsed.data;
}

/** Draft 2020-12, for editors and other languages. Placeholders and colors are checked by {@link parseMapping} only. */
export function mappingJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(mappingSchema, { io: 'input' });
  return {
    ...schema,
    title: 'temporal-miro ticket mapping',
    description: 'How records become tickets; see docs/retro.md.',
  };
}
