import { suite } from './vitest.config.js';

// eslint-disable-next-line no-restricted-syntax -- the form that vitest loads
export default suite(['test/**/*.soak.ts'], 30 * 60_000);
