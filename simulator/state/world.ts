/** Everything the simulator remembers. Times are epoch milliseconds; maps keep the order of creation. */
export interface World {
  orgs: Map<string, Org>;
  teams: Map<string, Team>;
  users: Map<string, User>;
  projects: Map<string, Project>;
  boards: Map<string, Board>;
  apps: Map<string, App>;
  grants: Map<string, Grant>;
  /** Authorization codes by their value. */
  codes: Map<string, AuthorizationCode>;
  userGroups: Map<string, UserGroup>;
  /** People whom a group push may bring back. */
  deletedUsers: Map<string, User>;
  exports: Map<string, ExportJob>;
  audit: AuditEvent[];
  sessionResets: { userId: string; at: number }[];
  /** Legal cases and holds, by id. */
  cases: Map<string, LegalCase>;
}

export type Plan = 'free' | 'business' | 'enterprise';

export interface Org {
  id: string;
  name: string;
  plan: Plan;
  fullLicensesPurchased: number;
  scimToken: string;
  /** E-mail domains to which invitations are refused. */
  blockedDomains: string[];
  labels: Label[];
}

/** How sensitive a board is. */
export interface Label {
  id: string;
  name: string;
  color: string;
  description: string;
  sharingRecommendation: string;
  guidelineUrl: string;
}

export type OrgRole =
  | 'organization_internal_admin'
  | 'organization_internal_user'
  | 'organization_external_user'
  | 'organization_team_guest_user';

export interface User {
  id: string;
  orgId: string;
  email: string;
  name: string;
  role: OrgRole;
  license: string;
  active: boolean;
  adminRoles: string[];
  createdAt: number;
  lastActivityAt?: number;
  licenseAssignedAt?: number;
  profile: Profile;
}

/** What only SCIM knows of a person. */
export interface Profile {
  givenName?: string;
  familyName?: string;
  formatted?: string;
  preferredLanguage?: string;
  photo?: string;
  enterprise?: Record<string, unknown>;
}

/** A group of people across teams, `/v2/orgs/{org}/groups`. */
export interface UserGroup {
  id: string;
  orgId: string;
  name: string;
  description: string;
  members: Map<string, { addedAt: number }>;
  /** Role of the group in each team, project and board that it was added to. */
  teams: Map<string, string>;
  projects: Map<string, string>;
  boards: Map<string, string>;
}

export type TeamRole = 'member' | 'admin' | 'non_team';
export interface Membership<Role> {
  role: Role;
  createdAt: number;
  createdBy: string;
  modifiedAt: number;
  modifiedBy: string;
}

export interface Team {
  id: string;
  orgId: string;
  name: string;
  /** A full team refuses new boards; people fill it, see `/_sim/act`. */
  full: boolean;
  members: Map<string, Membership<TeamRole>>;
  createdAt: number;
  /** Absent as long as nobody has changed the defaults. */
  settings?: TeamSettings;
  classified: boolean;
  defaultLabelId?: string;
}

/** Parts and their values as the specification names them. */
export type TeamSettings = Record<string, Record<string, unknown>>;

export type ProjectRole = 'owner' | 'editor' | 'viewer' | 'commentator' | 'coowner';
export interface Project {
  id: string;
  teamId: string;
  name: string;
  teamAccess: 'private' | 'view';
  members: Map<string, Membership<ProjectRole>>;
  createdAt: number;
}

export type BoardRole = 'viewer' | 'commenter' | 'editor' | 'coowner' | 'owner';
export interface Policy {
  permissionsPolicy: { collaborationToolsStartAccess: string; copyAccess: string; sharingAccess: string };
  sharingPolicy: {
    access: string;
    inviteToAccountAndBoardLinkAccess: string;
    organizationAccess: string;
    teamAccess: string;
  };
}

/** What the search index knows from `from` on. */
export interface IndexEntry {
  from: number;
  name: string;
  description: string;
  ownerId: string;
}

export interface Board {
  id: string;
  name: string;
  description: string;
  teamId: string;
  projectId?: string;
  policy: Policy;
  ownerId: string;
  createdAt: number;
  createdBy: string;
  modifiedAt: number;
  modifiedBy: string;
  lastOpenedAt: number;
  lastOpenedBy: string;
  deletedAt?: number;
  deletedBy?: string;
  copiedFrom?: string;
  labelId?: string;
  index: IndexEntry[];
  members: Map<string, BoardRole>;
  items: Map<string, Item>;
  connectors: Map<string, Connector>;
  tags: Map<string, Tag>;
  groups: Map<string, ItemGroup>;
}

export interface Stamps {
  createdAt: number;
  createdBy: string;
  modifiedAt: number;
  modifiedBy: string;
}

export interface Geometry {
  width: number;
  height: number;
  rotation?: number;
}

export interface Item extends Stamps {
  id: string;
  type: string;
  data: Record<string, unknown>;
  style?: Record<string, unknown>;
  geometry: Geometry;
  /** Centre; from the frame's top-left corner where there is a parent, else from the canvas's centre. */
  x: number;
  y: number;
  parentId?: string;
  tagIds: string[];
  /** The app that made it; empty for people. */
  appId: string;
}

export interface ConnectorEnd {
  id: string;
  position: { x: string; y: string };
}
export interface Connector extends Stamps {
  id: string;
  shape: string;
  startItem?: ConnectorEnd;
  endItem?: ConnectorEnd;
  captions: Record<string, unknown>[];
  style: Record<string, unknown>;
}

export interface Tag {
  id: string;
  title: string;
  fillColor: string;
}

export interface ItemGroup {
  id: string;
  itemIds: string[];
}

export interface App {
  id: string;
  name: string;
  clientId: string;
  clientSecret: string;
  redirectUris: string[];
  scopes: string[];
  /** Expiring apps get refresh tokens; chosen when an app is made. */
  expiring: boolean;
}

export interface ExportJob {
  id: string;
  format: string;
  createdAt: number;
  createdBy: string;
  cancelledAt?: number;
  tasks: { id: string; boardId: string }[];
}

export interface AuditEvent {
  id: string;
  name: string;
  category: string;
  createdAt: number;
  userId: string;
  teamId?: string;
  object: { id: string; name: string };
}

export interface LegalCase extends Stamps {
  id: string;
  orgId: string;
  name: string;
  description: string;
  holds: Map<string, LegalHold>;
}
export interface LegalHold extends Stamps {
  id: string;
  name: string;
  description: string;
  userIds: string[];
}

/** What one user allowed one app in one team: at most one living pair of tokens. */
export interface Grant {
  id: string;
  appId: string;
  userId: string;
  teamId: string;
  scopes: string[];
  accessToken: string;
  accessExpiresAt?: number;
  refreshToken?: string;
  refreshExpiresAt?: number;
  createdAt: number;
  revokedAt?: number;
}

export interface AuthorizationCode {
  code: string;
  appId: string;
  userId: string;
  teamId: string;
  redirectUri: string;
  expiresAt: number;
  used: boolean;
}

export function emptyWorld(): World {
  return {
    orgs: new Map(),
    teams: new Map(),
    users: new Map(),
    projects: new Map(),
    boards: new Map(),
    apps: new Map(),
    grants: new Map(),
    codes: new Map(),
    userGroups: new Map(),
    deletedUsers: new Map(),
    exports: new Map(),
    audit: [],
    sessionResets: [],
    cases: new Map(),
  };
}
