/** What Jira finds wrong with the fields of an issue, in its words. */
import type { Deployment } from './jira-stand-in-issues.js';
import { ISSUE_TYPES, PEOPLE, PRIORITIES, PROJECT, screenOf } from './jira-stand-in-site.js';

interface Checked {
  deployment: Deployment;
  fields: Record<string, unknown>;
  typeId: string;
  isNew: boolean;
  exists: (idOrKey: string) => boolean;
}

interface Named {
  name?: string;
  key?: string;
  accountId?: string;
}

type Rule = (value: unknown, checked: Checked) => string | undefined;

const RULES: Record<string, Rule> = {
  project: (value) => ((value as Named).key === PROJECT ? undefined : 'valid project is required'),
  issuetype: (_, { typeId }) => (typeId === '' ? 'Specify a valid issue type' : undefined),
  summary: (value) => summaryProblem(String(value)),
  description: (value, { deployment }) => (deployment === 'cloud' ? documentProblem(value) : wikiProblem(value)),
  labels: (value) =>
    (value as string[])
      .filter((label) => /\s/.test(label))
      .map((label) => `The label '${label}' contains spaces which is invalid.`)[0],
  priority: (value) =>
    PRIORITIES.includes((value as Named).name ?? '') ? undefined : 'The priority selected is invalid.',
  parent: (value, { exists }) =>
    exists((value as Named).key ?? '') ? undefined : 'Could not find issue by id or key.',
  assignee: assigneeProblem,
};

export function problemsOf(checked: Checked): Record<string, string> {
  const { fields, typeId, isNew } = checked;
  const screen = screenOf(typeId || (ISSUE_TYPES[0]?.id ?? ''));
  const problems: Record<string, string> = {};
  for (const { fieldId, name, required } of screen)
    if (isNew && required && fieldId !== 'reporter' && !(fieldId in fields)) problems[fieldId] = `${name} is required.`;
  for (const [name, value] of Object.entries(fields)) {
    const problem = screen.some(({ fieldId }) => fieldId === name)
      ? RULES[name]?.(value, checked)
      : `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`;
    if (problem !== undefined) problems[name] = problem;
  }
  return problems;
}

function summaryProblem(summary: string): string | undefined {
  if (summary.trim() === '') return 'You must specify a summary of the issue.';
  if (summary.includes('\n')) return 'The summary is invalid because it contains newline characters.';
  return summary.length > 255 ? 'Summary must be less than 255 characters.' : undefined;
}

function assigneeProblem(value: unknown, { deployment }: Checked): string | undefined {
  const { accountId, name } = value as Named;
  const id = deployment === 'cloud' ? accountId?.replace(/^account-/, '') : name;
  const isActive = id !== undefined && PEOPLE[id] !== undefined && PEOPLE[id].active !== false;
  return isActive ? undefined : `User '${accountId ?? name}' cannot be assigned issues.`;
}

const wikiProblem = (value: unknown): string | undefined =>
  typeof value === 'string' ? undefined : 'Operation value must be a string';

interface Node {
  type: string;
  text?: unknown;
  content?: Node[];
}

const BLOCKS = 'paragraph|bulletList|orderedList|codeBlock';
/** Atlassian's JSON schema of documents, as far as text goes: http://go.atlassian.com/adf-json-schema */
const CHILDREN: Record<string, RegExp> = {
  doc: new RegExp(`^(${BLOCKS}|heading|taskList|blockquote|rule|table|mention|panel)$`),
  blockquote: new RegExp(`^(${BLOCKS})$`),
  listItem: new RegExp(`^(${BLOCKS})$`),
  bulletList: /^listItem$/,
  orderedList: /^listItem$/,
  taskList: /^(taskItem|taskList)$/,
  table: /^tableRow$/,
  tableRow: /^(tableCell|tableHeader)$/,
  tableCell: new RegExp(`^(${BLOCKS}|heading|blockquote|rule)$`),
  tableHeader: new RegExp(`^(${BLOCKS}|heading|blockquote|rule)$`),
  paragraph: /^(text|hardBreak|mention)$/,
  heading: /^(text|hardBreak|mention)$/,
  taskItem: /^(text|hardBreak|mention)$/,
  codeBlock: /^text$/,
};
const NEVER_EMPTY = [
  'blockquote',
  'listItem',
  'bulletList',
  'orderedList',
  'taskList',
  'table',
  'tableRow',
  'tableCell',
  'tableHeader',
];

function documentProblem(value: unknown): string | undefined {
  const { type, version } = (value ?? {}) as { type?: string; version?: number };
  if (type !== 'doc' || version !== 1)
    return 'Operation value must be an Atlassian Document (see the Atlassian Document Format)';
  return isValid(value as Node) ? undefined : 'INVALID_INPUT';
}

function isValid({ type, text, content = [] }: Node): boolean {
  if (type === 'text') return typeof text === 'string' && text !== '';
  if (NEVER_EMPTY.includes(type) && content.length === 0) return false;
  if (type === 'listItem' && content[0]?.type.endsWith('List')) return false;
  return content.every((child) => CHILDREN[type]?.test(child.type) === true && isValid(child));
}
