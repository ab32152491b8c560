/** What is set up in the stand-in's Jira: one project, its types and screens, people. */
export const PROJECT = 'RETRO';

export const ISSUE_TYPES = [
  { id: '10001', name: 'Task', subtask: false },
  { id: '10002', name: 'Story', subtask: false },
  { id: '10003', name: 'Epic', subtask: false },
  // needs a field of its own
  { id: '10004', name: 'Bug', subtask: false },
  // cannot be labelled
  { id: '10005', name: 'Incident', subtask: false },
];

export const LINK_TYPES = [{ id: '10003', name: 'Relates', inward: 'relates to', outward: 'relates to' }];

export const PRIORITIES = ['Highest', 'High', 'Medium', 'Low', 'Lowest'];

export const TRANSITIONS = [
  { id: '21', name: 'Start', to: { name: 'In Progress', statusCategory: { key: 'indeterminate' } } },
  { id: '31', name: 'Finish', to: { name: 'Done', statusCategory: { key: 'done' } } },
  { id: '41', name: 'Reject', to: { name: 'Rejected', statusCategory: { key: 'done' } } },
];
export const FIRST_STATUS = { name: 'To Do', statusCategory: { key: 'new' } };

/** `bot` is the account of the token. */
export const PEOPLE: Record<string, { name: string; email: string; active?: false; hidden?: true }> = {
  bot: { name: 'Retro Bot', email: 'bot@example.org' },
  anna: { name: 'Anna Arendt', email: 'anna@example.org' },
  ben: { name: 'Ben Brandt', email: 'ben@example.org', hidden: true },
  ben2: { name: 'Ben Brandt', email: 'brandt@example.org' },
  cleo: { name: 'Cleo Conrad', email: 'cleo@example.org', active: false },
};

/** Cloud hides addresses as people wish. */
export function account(deployment: 'cloud' | 'datacenter', id: string): Record<string, unknown> {
  const { name, email, active = true, hidden } = PEOPLE[id] ?? { name: id, email: `${id}@example.org` };
  const shared = { displayName: name, active };
  if (deployment === 'datacenter') return { ...shared, key: `JIRAUSER-${id}`, name: id, emailAddress: email };
  return { ...shared, accountId: `account-${id}`, accountType: 'atlassian', ...(!hidden && { emailAddress: email }) };
}

const field = (fieldId: string, name: string, more: object = {}) => ({
  fieldId,
  key: fieldId,
  name,
  required: false,
  ...more,
});

/** Fields of a type's screen for creating. */
export function screenOf(typeId: string) {
  return [
    field('project', 'Project', { required: true }),
    field('issuetype', 'Issue Type', { required: true }),
    field('summary', 'Summary', { required: true }),
    field('reporter', 'Reporter', { required: true }),
    field('description', 'Description'),
    ...(typeId === '10005' ? [] : [field('labels', 'Labels')]),
    field('priority', 'Priority', { allowedValues: PRIORITIES.map((name) => ({ name })) }),
    field('parent', 'Parent'),
    field('assignee', 'Assignee'),
    field('customfield_10010', 'Team'),
    ...(typeId === '10004' ? [field('customfield_10020', 'Severity', { required: true, hasDefaultValue: false })] : []),
  ];
}
