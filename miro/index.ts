export { boardExports } from './board-exports.js';
export { boardMembers, boards } from './boards.js';
export type { BoardFilter, BoardRole, Invitation, NewBoard, PermissionsPolicy, SharingPolicy } from './boards.js';
export { call } from './call.js';
export type { Call, CallInput, Page, PageCall } from './call.js';
export { classification } from './classification.js';
export { createMiro, createPool, createScim, scimUrl } from './client.js';
export type { HowToSend, Miro, MiroOptions, Scim } from './client.js';
export { connectors } from './connectors.js';
export type { ConnectorBody, ConnectorEnd, NewConnector } from './connectors.js';
export { MiroError } from './errors.js';
export type { FieldProblem, MiroErrorKind, Written } from './errors.js';
export { boundsOf, fitsInside, movedInto, placeAt, placeOf } from './geometry.js';
export type { Holder, Place, Point, Size } from './geometry.js';
export { fromMarkdown, fromText, toMarkdown, toText } from './html.js';
export { itemGroups } from './item-groups.js';
export {
  appCards,
  cards,
  docs,
  documents,
  embeds,
  frames,
  images,
  items,
  shapes,
  stickyNotes,
  texts,
} from './items.js';
export type { ItemBody, ItemFilter, NewItem, NewItemType } from './items.js';
export { auditLogs, contentLogs } from './logs.js';
export type { LogWindow } from './logs.js';
export { accountOf, authorizeUrl, exchangeCode, oauth, refreshToken, refusesToken, revoke } from './oauth.js';
export type { OAuthOptions, TokenPair } from './oauth.js';
export type { Operation, Surface } from './operation.js';
export { OPERATIONS } from './operations.js';
export type { OperationId } from './operations.js';
export { organizations, orgMembers } from './organizations.js';
export type { OrgMemberFilter } from './organizations.js';
export { callList, pages } from './pages.js';
export { isAnswering } from './probe.js';
export { projectMembers, projects } from './projects.js';
export type { ProjectRole } from './projects.js';
export type { RateLimit } from './rate-limit.js';
export type { Answer } from './request.js';
export type {
  AuditEvent,
  ClassificationLabel,
  ContentLog,
  ExportJob,
  ExportLink,
  ExportResult,
  ExportTask,
  GroupAccess,
  MembershipChange,
  Organization,
  OrgClassification,
  OrgMember,
  Project,
  ProjectMember,
  ProjectSettings,
  Team,
  TeamClassification,
  TeamMember,
  TeamSettings,
  UserGroup,
  UserGroupMember,
} from './organization-schemas.js';
export type { Board, BoardMember, Connector, Item, ItemGroup, Shared, Tag, TokenInfo } from './schemas.js';
export type { ResourceType, ScimGroup, ScimSchema, ScimUser, ServiceProviderConfig } from './scim-schemas.js';
export { ENTERPRISE_USER, scimDiscovery, scimGroups, scimKind, scimUsers } from './scim.js';
export type { PatchOperation, ScimCall, ScimPageCall, ScimQuery, ScimUserBody } from './scim.js';
export { sessions } from './sessions.js';
export { tags } from './tags.js';
export type { TagBody } from './tags.js';
export { teamMembers, teams } from './teams.js';
export { restToken, scimToken } from './tokens.js';
export type { RestToken, ScimToken } from './tokens.js';
export {
  boardUserGroups,
  projectUserGroups,
  teamUserGroups,
  userGroupMembers,
  userGroups,
  userGroupTeams,
} from './user-groups.js';
export type { GroupSharing, UserGroupBody } from './user-groups.js';
