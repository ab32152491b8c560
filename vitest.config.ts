import { defineConfig } from 'vitest/config';

/** One configuration for both suites; `npm run soak` takes the long randomised tests instead. */
export const suite = (include: string[], testTimeout: number) =>
  defineConfig({
    test: {
      include,
      // Threads have crashed the SDK's native core (sdk-typescript#876).
      pool: 'forks',
      // Most of them wait for leases, retries and answers: three keep two cores busy.
      maxWorkers: 3,
      testTimeout,
      hookTimeout: 60_000,
      teardownTimeout: 20_000,
      globalSetup: ['test/global-setup.ts'],
      // Workers log a lot; it is shown for tests that fail.
      silent: 'passed-only',
      reporters: ['default', './test/count-reporter.ts'],
    },
  });

// eslint-disable-next-line no-restricted-syntax -- the form that vitest loads
export default suite(['test/**/*.test.ts'], 60_000);
