/** How a tracker connection to Jira is set up. */
import { z } from 'zod';
import { addressSchema } from './address.js';

const fields = {
  url: addressSchema,
  /** Key of the project. */
  project: z.string().regex(/^[A-Z][A-Z0-9_]*$/, { error: 'must be the key of a project, such as RETRO' }),
  /** Of tickets that the mapping gives none. */
  type: z.string().min(1).default('Task'),
  /** Name of the type of link between two tickets. */
  linkType: z.string().min(1).default('Relates'),
  /** Name of the transition that closes a ticket; without it the first one to a status that counts as done. */
  doneTransition: z.string().min(1).optional(),
};

/** The secret is an API token with Cloud, a personal access token with Data Center. */
export const jiraConfigSchema = z.discriminatedUnion('deployment', [
  z.strictObject({ deployment: z.literal('cloud'), ...fields, email: z.email() }),
  z.strictObject({ deployment: z.literal('datacenter'), ...fields }),
]);
export type JiraConfig = z.infer<typeof jiraConfigSchema>;
