import { suite } from '../../vitest.config.js';

// eslint-disable-next-line no-restricted-syntax -- the form that vitest loads
export default suite(['test/replay/record.ts'], 120_000);
