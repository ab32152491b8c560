/** The trackers: what their settings must be, and how one is opened. */
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { createBuiltin } from './builtin.js';
import { createGithub, githubConfigSchema } from './github.js';
import { createJira } from './jira.js';
import { jiraConfigSchema } from './jira-config.js';
import type { TrackerLine, TrackerSettings } from './settings.js';
import type { Tracker, TrackerKind } from './tracker.js';
import { createWebhook, webhookConfigSchema } from './webhook.js';

/** Of `config`, by kind. */
export const settingsSchemas = {
  builtin: z.strictObject({}),
  jira: jiraConfigSchema,
  github: githubConfigSchema,
  webhook: webhookConfigSchema,
} as const satisfies Record<TrackerKind, z.ZodType<Record<string, unknown>>>;

/** @throws ZodError for settings that {@link checkSettings} would refuse */
export function createTracker(settings: TrackerSettings, line: TrackerLine): Tracker {
  switch (settings.kind) {
    case 'builtin':
      return createBuiltin(settings, line);
    case 'jira':
      return createJira(settings, line);
    case 'github':
      return createGithub(settings, line);
    case 'webhook':
      return createWebhook(settings, line);
  }
}

export type CheckedSettings = { config: Record<string, unknown> } | { problems: string[] };

/** Looks at settings without asking anybody. @returns the settings with their defaults, or one sentence for each thing that is wrong */
export function checkSettings(kind: TrackerKind, config: unknown, secret: string | undefined): CheckedSettings {
  const read = settingsSchemas[kind].safeParse(config);
  const problems = (read.error?.issues ?? []).map(
    ({ path, message }) => `${path.length === 0 ? 'the settings' : path.join('.')}: ${message}`,
  );
  const wrongSecret = secretProblem(kind, secret);
  if (wrongSecret !== undefined) problems.push(wrongSecret);
  return read.success && problems.length === 0 ? { config: read.data } : { problems };
}

function secretProblem(kind: TrackerKind, secret: string | undefined): string | undefined {
  switch (kind) {
    case 'builtin':
      return secret === undefined ? undefined : 'the secret: the built-in tracker has none';
    case 'jira':
    case 'github':
      return secret !== undefined && /^[\x21-\x7e]+$/.test(secret)
        ? undefined
        : 'the secret: give a token; it has neither spaces nor line breaks';
    case 'webhook':
      return signs(secret)
        ? undefined
        : 'the secret: give one that signs: whsec_ and the base64 of 24 to 64 random bytes';
  }
}

function signs(secret: string | undefined): boolean {
  const bytes = Buffer.from(secret?.replace(/^whsec_/, '') ?? '', 'base64').length;
  if (secret === undefined || bytes < 24 || bytes > 64) return false;
  try {
    new Webhook(secret);
    return true;
  } catch {
    return false;
  }
}
