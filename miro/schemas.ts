/** What we read of answers about tokens, boards and what is on them. */
import { z } from 'zod';
import { flag, id, list, maybe, number, reference, text, textOrEmpty } from './readers.js';

const authorship = {
  createdAt: text,
  createdBy: maybe(reference),
  modifiedAt: text,
  modifiedBy: maybe(reference),
};

export const boardSchema = z.object({
  id,
  name: textOrEmpty,
  description: textOrEmpty,
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

export const boardMemberSchema = z.object({ id, name: textOrEmpty, role: textOrEmpty });
export type BoardMember = z.infer<typeof boardMemberSchema>;

/** A 201 can hold refusals: not everybody who was asked for is a member now. */
export const sharedSchema = z.object({
  successful: list(id),
  failed: list(z.object({ email: textOrEmpty, reason: textOrEmpty })),
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
  captions: list(z.object({ content: textOrEmpty, position: text })),
  style: z.record(z.string(), z.unknown()).catch({}),
  ...authorship,
});
export type Connector = z.infer<typeof connectorSchema>;

export const tagSchema = z.object({ id, title: textOrEmpty, fillColor: text });
export type Tag = z.infer<typeof tagSchema>;

export const itemGroupSchema = z
  .object({ id, data: z.object({ items: z.array(id) }) })
  .transform((group) => ({ id: group.id, itemIds: group.data.items }));
export type ItemGroup = z.infer<typeof itemGroupSchema>;

export const tokenInfoSchema = z.object({
  type: text,
  user: reference,
  team: maybe(reference),
  /** Present with Enterprise. */
  organization: maybe(reference),
  createdBy: maybe(reference),
  scopes: list(z.string()),
});
export type TokenInfo = z.infer<typeof tokenInfoSchema>;
