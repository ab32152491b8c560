/** What a receiver of tickets is sent, and what it answers. */
import { z } from 'zod';
import { linkSchema } from './address.js';

/** What a receiver may do beyond making tickets. */
export const WEBHOOK_ABILITIES = ['get', 'update', 'comment', 'link', 'take_back'] as const;
export type WebhookAbility = (typeof WEBHOOK_ABILITIES)[number];

/** A message is `{ type: 'ticket.<kind>', data }`. */
export type WebhookMessage = 'check' | 'create' | WebhookAbility;

/** Ids may be numbers in the receiver's product; we keep them as text. */
const id = z.union([z.string(), z.number().int()]).transform(String).pipe(z.string().min(1).max(200));
const url = linkSchema.optional();
const revision = z.string().min(1).max(200);
const state = { id, key: z.string().min(1).max(200).optional(), url };

/** Of `create`, `update` and `comment`. */
export const stateSchema = z.object({ ...state, revision: revision.optional() });

/** Of `get`; null: the ticket is gone. */
export const ticketSchema = z
  .object({ ...state, revision, title: z.string(), body: z.string().default(''), closed: z.boolean().default(false) })
  .nullable();

/** Of `check`; all of it may be left out. */
export const checkSchema = z
  .object({
    problems: z.array(z.object({ what: z.string().max(1_000), remedy: z.string().max(1_000).default('') })).optional(),
    /** Abilities that it has; those of the settings that are missing here are a problem. */
    supports: z.array(z.string()).optional(),
  })
  .nullish();

/** `link` and `take_back`: the status is the answer. */
export const anythingSchema = z.unknown();
