/** What the demo asks for: a board from a blueprint, and one copied from a template that a person has drawn. */
import { boards, connectors, createMiro, items, restToken } from '../../../miro/index.js';
import type { Blueprint } from '../../../contract.js';
import type { ProvisionRequest } from '../../index.js';
import { readBlueprint } from '../documents.js';

export const RECORD_URL = 'https://crm.example.com/projects/4711';
/** The value for the placeholder on the template. */
export const CUSTOMER = 'Fjord & Sons';

export async function kickOffRequest(): Promise<ProvisionRequest & { template: { blueprint: Blueprint } }> {
  return {
    key: 'project:4711',
    name: 'Kick-off {{project.name}}',
    template: { blueprint: (await readBlueprint('project-kick-off')) as Blueprint },
    placeholders: { project: { name: 'Apollo', goal: 'A first customer signs before summer', lead: 'Ada Lindqvist' } },
    members: [
      { email: 'ben@nordlicht.example', role: 'editor' },
      { email: 'chie@nordlicht.example', role: 'coowner' },
      { email: 'guest@partner.example', role: 'commenter' },
    ],
    recordUrl: RECORD_URL,
  };
}

export function dealRequest(templateId: string): ProvisionRequest {
  return {
    key: 'deal:77',
    name: 'Deal: {{customer}}',
    template: { copyFrom: templateId },
    placeholders: { customer: CUSTOMER },
    members: [{ email: 'ben@nordlicht.example', role: 'editor' }],
  };
}

const STEPS = ['Who is {{customer}}?', 'What do they need?', 'Our offer', 'Next step'];

/** Draws the template as its owner would. @returns the board's id */
export async function drawTemplate(apiUrl: string, accessToken: string): Promise<string> {
  const miro = createMiro({ baseUrl: apiUrl });
  const how = { token: restToken(accessToken), deadlineMs: 5_000 };
  try {
    const { id } = await miro.send(boards.create({ name: 'Template: deal' }), how);
    const made = await miro.send(
      items.createBulk(
        id,
        STEPS.map((content, i) => ({
          type: 'sticky_note',
          data: { content, shape: 'square' },
          style: { fillColor: 'light_yellow' },
          position: { x: i * 320, y: 0 },
        })),
      ),
      how,
    );
    for (const [i, item] of made.slice(1).entries()) {
      await miro.send(connectors.create(id, { startItem: { id: made[i]?.id ?? '' }, endItem: { id: item.id } }), how);
    }
    return id;
  } finally {
    await miro.close();
  }
}
