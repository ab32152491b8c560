import type { Reporter, TestModule } from 'vitest/node';

/** Prints `N passed, N failed` alone on a line, so that pipelines can read the count whatever the other output looks like. */
class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      count.failed += module.errors().length; // a file that did not even load
      for (const test of module.children.allTests()) count[test.result().state] += 1;
    }
    const skipped = count.skipped + count.pending;
    console.log(`${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}

// eslint-disable-next-line no-restricted-syntax -- the form that vitest loads
export default CountReporter;
