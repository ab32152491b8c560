/** What a command prints: its answer on stdout, as one JSON document with `--json`; everything that is said meanwhile on stderr. */
import stringWidth from 'string-width';

export interface Output {
  readonly json: boolean;
  /** The answer. @param text for people */
  answer: (document: object, text: () => string) => void;
  /** Something worth knowing while the command runs. */
  note: (line: string) => void;
}

export function createOutput({ json = false }: { json?: boolean }): Output {
  return {
    json,
    answer: (document, text) => void process.stdout.write(json ? `${JSON.stringify(document)}\n` : ended(text())),
    note: (line) => void process.stderr.write(ended(line)),
  };
}

/** Columns as wide as their widest cell, two blanks apart; numbers to the right. Cells are cut to one line. */
export function table(head: string[], rows: (string | number | undefined)[][]): string {
  const cells = rows.map((row) => row.map((cell) => String(cell ?? '').replace(/\s+/g, ' ')));
  const widths = head.map((title, i) =>
    Math.max(...[title, ...cells.map((row) => row[i] ?? '')].map((cell) => stringWidth(cell))),
  );
  const isNumeric = head.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number'));
  const line = (row: string[]): string =>
    row
      .map((cell, i) => {
        const blanks = ' '.repeat(Math.max(0, (widths[i] ?? 0) - stringWidth(cell)));
        return isNumeric[i] ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd();
  return [line(head), ...cells.map(line)].join('\n');
}

/** Dim where a terminal can show it. */
export const dim = (text: string): string => (process.stderr.isTTY ? `\u001b[2m${text}\u001b[22m` : text);
export const bold = (text: string): string => (process.stderr.isTTY ? `\u001b[1m${text}\u001b[22m` : text);

const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
