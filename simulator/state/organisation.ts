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
