import type { Stamps } from './board.js';

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
