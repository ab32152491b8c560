/**
 * How answers are read: unknown values, numbers as strings, nulls and further fields pass; only what cannot be
 * missing (mostly ids) is required, and its absence is a MiroError 'malformed'.
 */
import { z } from 'zod';
import type { Page } from './call.js';

/** Ids are strings; some answers have them as numbers. */
export const id = z.union([z.string().min(1), z.number()]).transform(String);
/** Undefined where the value is missing or is something else than expected. */
export const maybe = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
export const text = maybe(z.string());
export const number = maybe(
  z.union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .transform(Number),
  ]),
);
export const flag = maybe(z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]));
/** Without the entries that are something else than expected; empty where there is no list. */
export const list = <T extends z.ZodType>(schema: T): z.ZodType<z.infer<T>[]> =>
  z
    .array(z.unknown())
    .catch([])
    .transform((entries) =>
      entries.flatMap((entry) => {
        const { success, data } = schema.safeParse(entry);
        return success ? [data] : [];
      }),
    );
/** Empty where the value is missing or no text. */
export const textOrEmpty = z.string().catch('');
/** For answers without content, such as 204. */
export const nothing = z.unknown().transform((): void => undefined);

/** A person, team or organisation that something points to. */
export const reference = z.object({ id, name: text, type: text });

/** A page of a list: Miro's envelopes, or a bare array where it answers one. */
export const pageOf = <T extends z.ZodType>(item: T): z.ZodType<Page<z.infer<T>>> =>
  z
    .preprocess(
      (answer) => (Array.isArray(answer) ? { data: answer } : answer),
      z.object({ data: z.array(item), total: number, cursor: maybe(id) }),
    )
    .transform(({ data, total, cursor }) => ({ items: data, total, cursor }));

/** A page of a SCIM list, a ListResponse (RFC 7644 §3.4.2); an empty one may lack `Resources`. */
export const scimPageOf = <T extends z.ZodType>(resource: T): z.ZodType<Page<z.infer<T>>> =>
  z
    .object({ Resources: z.array(resource).optional(), totalResults: number })
    .refine(({ Resources, totalResults }) => Resources !== undefined || totalResults === 0, { path: ['Resources'] })
    .transform(({ Resources, totalResults }) => ({ items: Resources ?? [], total: totalResults }));
