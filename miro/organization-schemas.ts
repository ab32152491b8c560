/** What we read of answers about organisations, their teams and people, and what is known of their boards. */
import { z } from 'zod';
import { flag, id, list, maybe, number, reference, text, textOrEmpty } from './readers.js';

export const orgMemberSchema = z.object({
  id,
  email: textOrEmpty,
  active: flag,
  /** 'organization_internal_admin', '…_internal_user', '…_external_user', '…_team_guest_user' or what is new. */
  role: text,
  license: text,
  lastActivityAt: text,
  licenseAssignedAt: text,
  adminRoles: list(z.object({ type: text, name: text })),
});
export type OrgMember = z.infer<typeof orgMemberSchema>;

export const projectSchema = z.object({ id, name: textOrEmpty });
export type Project = z.infer<typeof projectSchema>;

/** Teams and spaces share projects with everybody in the team or with nobody but their members. */
export const projectSettingsSchema = z.object({ sharingPolicySettings: z.object({ teamAccess: text }).catch({}) });
export type ProjectSettings = z.infer<typeof projectSettingsSchema>;

export const projectMemberSchema = z.object({ id, email: textOrEmpty, role: textOrEmpty });
export type ProjectMember = z.infer<typeof projectMemberSchema>;

export const organizationSchema = z.object({
  id,
  name: textOrEmpty,
  /** 'company', 'business', 'free_team_org', … or what is new. */
  plan: text,
  fullLicensesPurchased: number,
});
export type Organization = z.infer<typeof organizationSchema>;

export const teamSchema = z.object({ id, name: textOrEmpty });
export type Team = z.infer<typeof teamSchema>;

/** Neither name nor e-mail: join with members of the organisation by id. */
export const teamMemberSchema = z.object({
  id,
  teamId: maybe(id),
  /** 'admin', 'member', 'non_team' or what is new. */
  role: textOrEmpty,
  createdAt: text,
  createdBy: maybe(id),
  modifiedAt: text,
  modifiedBy: maybe(id),
});
export type TeamMember = z.infer<typeof teamMemberSchema>;

/** Groups of settings as Miro names them, such as `teamSharingPolicySettings`. */
export const teamSettingsSchema = z.record(z.string(), z.unknown());
export type TeamSettings = z.infer<typeof teamSettingsSchema>;

export const userGroupSchema = z.object({ id, name: textOrEmpty, description: textOrEmpty });
export type UserGroup = z.infer<typeof userGroupSchema>;

export const userGroupMemberSchema = z.object({ id, email: textOrEmpty });
export type UserGroupMember = z.infer<typeof userGroupMemberSchema>;

/** A team, board or project that a user group belongs to, or the group seen from there; `id` is the other side's. */
export const groupAccessSchema = z.object({ id, role: textOrEmpty });
export type GroupAccess = z.infer<typeof groupAccessSchema>;

/** One part of a 207: additions may succeed while removals fail. */
export const membershipChangeSchema = z.object({
  operation: textOrEmpty,
  status: number,
  affectedUsers: list(userGroupMemberSchema),
  error: maybe(z.object({ code: text, message: text })),
});
export type MembershipChange = z.infer<typeof membershipChangeSchema>;

export const classificationLabelSchema = z.object({
  id,
  name: textOrEmpty,
  description: textOrEmpty,
  color: text,
  default: flag,
  orderNumber: number,
  sharingRecommendation: text,
  guidelineUrl: text,
});
export type ClassificationLabel = z.infer<typeof classificationLabelSchema>;

export const orgClassificationSchema = z.object({
  enabled: flag,
  labels: list(classificationLabelSchema),
});
export type OrgClassification = z.infer<typeof orgClassificationSchema>;

export const teamClassificationSchema = z.object({ enabled: flag, defaultLabelId: maybe(id) });
export type TeamClassification = z.infer<typeof teamClassificationSchema>;

export const exportJobSchema = z.object({
  id,
  name: text,
  boardFormat: text,
  /** 'CREATED', 'IN_PROGRESS', 'CANCELLED', 'FINISHED', also with the prefix 'JOB_STATUS_'. */
  status: text,
  createdAt: text,
  modifiedAt: text,
  tasksCount: maybe(z.object({ total: number, success: number, error: number })),
});
export type ExportJob = z.infer<typeof exportJobSchema>;

export const exportTaskSchema = z.object({
  id,
  status: textOrEmpty,
  board: maybe(z.object({ key: text })),
  sizeInBytes: number,
  artifactExpiredAt: text,
  errorType: text,
  errorMessage: text,
});
export type ExportTask = z.infer<typeof exportTaskSchema>;

export const exportResultSchema = z.object({
  boardId: id,
  status: textOrEmpty,
  exportLink: text,
  /** 'TEMPORARY', 'FATAL' or 'UNKNOWN'. */
  errorType: text,
  errorMessage: text,
});
export type ExportResult = z.infer<typeof exportResultSchema>;

export const exportLinkSchema = z.object({
  status: textOrEmpty,
  exportLink: text,
  linkExpiredAt: text,
  artifactExpiredAt: text,
  errorType: text,
  errorMessage: text,
});
export type ExportLink = z.infer<typeof exportLinkSchema>;

const actor = maybe(z.object({ id: maybe(id), type: text, name: text, email: text }));
export const auditEventSchema = z.object({
  id,
  event: textOrEmpty,
  category: text,
  /** ISO 8601, mostly with '+0000' in place of 'Z'. */
  createdAt: text,
  createdBy: actor,
  object: maybe(z.object({ id: maybe(id), name: text })),
  context: maybe(z.object({ ip: text, team: maybe(reference), organization: maybe(reference) })),
  details: z.record(z.string(), z.unknown()).catch({}),
});
export type AuditEvent = z.infer<typeof auditEventSchema>;

export const contentLogSchema = z.object({
  id,
  contentId: maybe(id),
  /** 'create', 'update', 'delete'. */
  actionType: text,
  actionTime: text,
  actor,
  itemId: maybe(id),
  /** 'widget', 'comment_thread', 'comment_message'. */
  itemType: text,
  state: z.record(z.string(), z.unknown()).catch({}),
});
export type ContentLog = z.infer<typeof contentLogSchema>;
