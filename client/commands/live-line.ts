/** Progress on stderr: one line that is written over in a terminal, a line per change elsewhere. */
export interface LiveLine {
  show(line: string): void;
  /** Keeps what was shown last and goes on below. */
  close(): void;
}

export function createLiveLine(): LiveLine {
  const { stderr } = process;
  let shown = false;
  return {
    show(line) {
      if (!stderr.isTTY) return void stderr.write(`${line}\n`);
      stderr.write(`\r\u001b[2K${line.slice(0, stderr.columns - 1)}`);
      shown = true;
    },
    close() {
      if (shown) stderr.write('\n');
      shown = false;
    },
  };
}
