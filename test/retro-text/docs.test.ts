/** docs/retro.md against the code that it tells of. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseMapping, parseRetroInput } from '../../jobs/retro-to-tickets/input.js';
import { TEMPLATE_FIELDS } from '../../jobs/retro-to-tickets/template.js';

const page = readFileSync(new URL('../../docs/retro.md', import.meta.url), 'utf8');

function example(under: string): unknown {
  const [, yaml] = new RegExp(`^## ${under}\n[\\s\\S]*?^\`\`\`yaml\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page) ?? [];
  if (yaml === undefined) throw new Error(`docs/retro.md has no example under ${under}`);
  return parse(yaml);
}

it('README example of rules is taken as it stands', () => {
  const rules = example('Rules');
  const request = { tenant: 'default', connectionId: 'default', boardId: 'uXjVOD6LSME=', tracker: 'builtin', rules };
  expect(parseRetroInput(request).rules).toEqual(rules);
});

it('README example of a mapping is taken as it stands', () => {
  const mapping = example('Mapping');
  expect(parseMapping(mapping)).toEqual(mapping);
});

it('names every placeholder', () => {
  expect(TEMPLATE_FIELDS.filter((name) => !page.includes(`\`{{${name}}}\``))).toEqual([]);
});
