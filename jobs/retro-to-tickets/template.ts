/** Titles and texts of tickets with `{{column}}` in them. */
import { fillText, placeholdersIn } from '../provision-board/placeholders.js';
import { notOneOf } from '../invalid-input.js';

export const TEMPLATE_FIELDS = [
  ...(['title', 'body', 'column', 'frame', 'cluster', 'group', 'kind'] as const),
  ...(['votes', 'author', 'url', 'color', 'tags', 'created'] as const),
] as const;
export type TemplateValues = Record<(typeof TEMPLATE_FIELDS)[number], string>;

/** A template whose placeholders are all known; a value without words leaves nothing. */
export const fillTemplate = (template: string, values: TemplateValues): string => fillText(template, values).trim();

/** What is wrong with a template: one sentence for each placeholder that there is not. */
export function templateProblems(template: string): { problem: string; remedy: string }[] {
  const unknown = placeholdersIn(template).filter((name) => !TEMPLATE_FIELDS.some((known) => known === name));
  return unknown.map((name) => ({
    problem: `holds the unknown placeholder {{${name.slice(0, 40)}}}`,
    remedy: notOneOf(name, TEMPLATE_FIELDS).remedy,
  }));
}
