/** `/metrics` for Prometheus: the installation as the store knows it, the same from each gateway process. */
import { Gauge, Registry } from 'prom-client';
import { readGauges } from '../store/gauges.js';
import { budgetReport, usageReport } from '../store/usage.js';
import type { Route } from './api.js';
import { requireAllTenants } from './auth.js';
import type { GatewayContext, GatewayDeps } from './deps.js';

async function metrics({ db }: GatewayDeps, c: GatewayContext): Promise<Response> {
  requireAllTenants(c.get('key'));
  const [usage, budgets, gauges] = await Promise.all([
    usageReport(db, { since: 'hour' }),
    budgetReport(db),
    readGauges(db),
  ]);
  const registry = new Registry();
  const add = <Row extends object>(
    name: string,
    help: string,
    rows: Row[],
    value: (row: Row) => number,
    labels: (keyof Row & string)[] = [],
  ) => {
    const gauge = new Gauge<string>({ name: `temporal_miro_${name}`, help, labelNames: labels, registers: [registry] });
    for (const row of rows)
      gauge.set(Object.fromEntries(labels.map((label) => [label, String(row[label])])), value(row));
  };
  const perJob = ['tenant', 'jobKind'] as const;
  add('credits_last_hour', 'Credits used within the last hour', usage, ({ credits }) => credits, [...perJob]);
  add('calls_last_hour', 'Calls to Miro within the last hour', usage, ({ calls }) => calls, [...perJob]);
  add('refused_calls_last_hour', 'Of those calls, answered with 429', usage, ({ refused }) => refused, [...perJob]);
  add('budget_limit_credits', 'Credits of a window', budgets, ({ limit }) => limit, ['key', 'kind']);
  add('budget_remaining_credits', 'Credits left in the present window', budgets, ({ remaining }) => remaining, [
    'key',
    'kind',
  ]);
  add('budget_waiting_credits', 'Credits of the calls that wait', budgets, ({ waitingCredits }) => waitingCredits, [
    'key',
    'kind',
  ]);
  add(
    'budget_foreign_credits',
    'Credits a window that other programs use, estimated',
    budgets,
    ({ foreignCredits }) => foreignCredits,
    ['key', 'kind'],
  );
  add('grants', 'Tokens by state', gauges.grants, ({ count }) => count, ['kind', 'state']);
  add('outbox_messages', 'Messages that Temporal has not acknowledged', gauges.outbox, ({ count }) => count, ['kind']);
  add('outbox_lag_seconds', 'How long the oldest message is due', gauges.outbox, ({ lagMs }) => lagMs / 1000, ['kind']);
  add('parked_runs', 'Runs that wait for a relink', [gauges], ({ parkedRuns }) => parkedRuns);
  add(
    'pending_webhooks',
    'Events that an endpoint has not got yet',
    [gauges],
    ({ pendingWebhooks }) => pendingWebhooks,
  );
  add('pauses', 'Pauses in force', [gauges], ({ pauses }) => pauses);
  add('miro_outages', 'Hosts of Miro that do not answer', [gauges], ({ outages }) => outages);
  return c.body(await registry.metrics(), 200, { 'content-type': registry.contentType });
}

export const metricRoutes: Route[] = [['GET', '/metrics', 'metrics:read', metrics]];
