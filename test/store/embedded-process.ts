/**
 * `node embedded-process.ts <dir> [forget]`: uses the server of that folder until SIGTERM, or ends at once without
 * stopping it.
 */
import { startEmbedded } from '../../store/embedded.js';

const [dir = '', mode] = process.argv.slice(2);
const { url, pid, stop } = await startEmbedded({ dir, durable: false });
console.log(JSON.stringify({ url, pid }));
if (mode !== 'forget') {
  const idle = setInterval(() => {}, 60_000);
  process.once('SIGTERM', () => {
    clearInterval(idle);
    void stop().then(() => console.log('stopped'));
  });
}
