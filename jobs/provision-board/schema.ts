/** The blueprint format as a JSON Schema, for editors and other languages. */
import { z } from 'zod';
import { blueprintSchema } from './blueprint.js';

/** Draft 2020-12. It says what one part may hold; only {@link parseBlueprint} checks the parts against each other. */
export function blueprintJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(blueprintSchema, { io: 'input' });
  return { ...schema, title: 'temporal-miro blueprint', description: 'A Miro board as data; see docs/blueprints.md.' };
}

export { parseBlueprint } from './blueprint.js';
