import { spawn } from 'node:child_process';
import type { Env } from '../../config.js';

/** Opens the address in the person's browser, where this machine has a desktop. Without a shell: the address is one argument. */
export function openBrowser(url: string, env: Env): void {
  const [program, ...args] = opener(env);
  if (program === undefined) return;
  // Who has no browser opens the printed address elsewhere.
  spawn(program, [...args, url], { stdio: 'ignore', detached: true, windowsHide: true })
    .on('error', () => {})
    .unref();
}

function opener(env: Env): string[] {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open'] : [];
}
