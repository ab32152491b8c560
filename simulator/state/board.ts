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
