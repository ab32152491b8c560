/**
 * What we read of Miro's answers, and no more. Unknown values, numbers as strings, nulls and further fields
 * pass; only what cannot be missing (mostly ids) is required, and its absence is a MiroError 'malformed'.
 */
import { z } from 'zod';
import type { Page } from './call.js';

/** Ids are strings; some answers have them as numbers. */
export const id = z.union([z.string().min(1), z.number()]).transform(String);
/** Undefined where the value is missing or is something else than expected. */
export const maybe = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
export const text = maybe(z.string());
const number = maybe(
  z.union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .transform(Number),
  ]),
);
const flag = maybe(z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]));
const textWithDefault = z.string().catch('');
/** For answers without content, such as 204. */
export const nothing = z.unknown().transform((): void => undefined);

const reference = z.object({ id, name: text, type: text });
const authorship = {
  createdAt: text,
  createdBy: maybe(reference),
  modifiedAt: text,
  modifiedBy: maybe(reference),
};

export const boardSchema = z.object({
  id,
  name: textWithDefault,
  description: textWithDefault,
  viewLink: text,
  team: maybe(reference),
  project: maybe(z.object({ id })),
  owner: maybe(reference),
  currentUserMembership: maybe(z.object({ id, name: text, role: text })),
  policy: maybe(
    z.object({
      permissionsPolicy: maybe(z.record(z.string(), z.unknown())),
      sharingPolicy: maybe(z.record(z.string(), z.unknown())),
    }),
  ),
  ...authorship,
});
export type Board = z.infer<typeof boardSchema>;

export const boardMemberSchema = z.object({ id, name: textWithDefault, role: textWithDefault });
export type BoardMember = z.infer<typeof boardMemberSchema>;

/** A 201 can hold refusals: not everybody who was asked for is a member now. */
export const sharedSchema = z.object({
  successful: z.array(id).catch([]),
  failed: z.array(z.object({ email: textWithDefault, reason: textWithDefault })).catch([]),
});
export type Shared = z.infer<typeof sharedSchema>;

export const itemSchema = z.object({
  id,
  type: z.string().catch('unknown'),
  data: z.looseObject({ content: text, title: text, description: text, shape: text }).catch({}),
  style: z.record(z.string(), z.unknown()).catch({}),
  geometry: maybe(z.object({ width: number, height: number, rotation: number })),
  /** The item's centre; from the frame's top-left corner where `relativeTo` is 'parent_top_left'. */
  position: maybe(z.object({ x: number, y: number, origin: text, relativeTo: text })),
  parent: maybe(z.object({ id })),
  ...authorship,
});
export type Item = z.infer<typeof itemSchema>;

const connectorEndSchema = z.object({
  id,
  snapTo: text,
  position: maybe(z.object({ x: text, y: text })),
});
export const connectorSchema = z.object({
  id,
  shape: text,
  isSupported: flag,
  /** Absent where the end hangs free. */
  startItem: maybe(connectorEndSchema),
  endItem: maybe(connectorEndSchema),
  captions: z.array(z.object({ content: textWithDefault, position: text })).catch([]),
  style: z.record(z.string(), z.unknown()).catch({}),
  ...authorship,
});
export type Connector = z.infer<typeof connectorSchema>;

export const tagSchema = z.object({ id, title: textWithDefault, fillColor: text });
export type Tag = z.infer<typeof tagSchema>;

export const projectSchema = z.object({ id, name: textWithDefault });
export type Project = z.infer<typeof projectSchema>;

export const tokenInfoSchema = z.object({
  type: text,
  user: reference,
  team: maybe(reference),
  /** Present with Enterprise. */
  organization: maybe(reference),
  createdBy: maybe(reference),
  scopes: z.array(z.string()).catch([]),
});
export type TokenInfo = z.infer<typeof tokenInfoSchema>;

export const orgMemberSchema = z.object({
  id,
  email: textWithDefault,
  active: flag,
  /** 'organization_internal_admin', '…_internal_user', '…_external_user', '…_team_guest_user' or what is new. */
  role: text,
  license: text,
  lastActivityAt: text,
  licenseAssignedAt: text,
  adminRoles: z.array(z.object({ type: text, name: text })).catch([]),
});
export type OrgMember = z.infer<typeof orgMemberSchema>;

/** A page of a list: Miro's envelopes, or a bare array where it answers one. */
export const pageOf = <T extends z.ZodType>(item: T): z.ZodType<Page<z.infer<T>>> =>
  z
    .preprocess(
      (answer) => (Array.isArray(answer) ? { data: answer } : answer),
      z.object({ data: z.array(item), total: number, cursor: maybe(id) }),
    )
    .transform(({ data, total, cursor }) => ({ items: data, total, cursor }));
