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
