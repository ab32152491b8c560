/** What we read of SCIM answers (RFC 7643), as leniently as schemas.ts. */
import { z } from 'zod';
import { flag, id, list, maybe, number, text } from './readers.js';

/** 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User' */
const enterpriseUser = maybe(
  z.looseObject({
    employeeNumber: text,
    costCenter: text,
    organization: text,
    division: text,
    department: text,
    manager: maybe(z.object({ value: maybe(id), displayName: text })),
  }),
);

export const scimUserSchema = z.object({
  id,
  /** The e-mail address. */
  userName: z.string().catch(''),
  displayName: text,
  name: maybe(z.object({ formatted: text, givenName: text, familyName: text })),
  /** The licence. */
  userType: text,
  active: flag,
  emails: list(z.object({ value: text, type: text, primary: flag })),
  photos: list(z.object({ type: text, value: text })),
  groups: list(z.object({ value: id, display: text })),
  roles: list(z.object({ type: text, value: text, display: text, primary: flag })),
  preferredLanguage: text,
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': enterpriseUser,
});
export type ScimUser = z.infer<typeof scimUserSchema>;

export const scimGroupSchema = z.object({
  id,
  displayName: z.string().catch(''),
  members: list(z.object({ value: id, type: text, display: text })),
});
export type ScimGroup = z.infer<typeof scimGroupSchema>;

const supported = z.object({ supported: flag }).catch({ supported: undefined });
export const serviceProviderConfigSchema = z.object({
  patch: supported,
  bulk: supported,
  filter: z.object({ supported: flag, maxResults: number }).catch({ supported: undefined, maxResults: undefined }),
  sort: supported,
  etag: supported,
  changePassword: supported,
});
export type ServiceProviderConfig = z.infer<typeof serviceProviderConfigSchema>;

export const resourceTypeSchema = z.object({
  name: z.string(),
  endpoint: text,
  schema: text,
  schemaExtensions: list(z.object({ schema: text, required: flag })),
});
export type ResourceType = z.infer<typeof resourceTypeSchema>;

export const scimSchemaSchema = z.object({
  id,
  name: text,
  attributes: list(z.looseObject({ name: text, type: text })),
});
export type ScimSchema = z.infer<typeof scimSchemaSchema>;
