/** docs/gateway.md names every route, and every route that it names exists. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGatewayStage, type GatewayStage } from './stage.js';

const text = readFileSync(new URL('../../docs/gateway.md', import.meta.url), 'utf8');
let stage: GatewayStage;
beforeAll(async () => {
  stage = await createGatewayStage();
});
afterAll(() => stage.close());

const routes = () =>
  [
    ...new Set(
      stage.app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
    ),
  ].sort();

it('documents each route, and none that is not there', () => {
  const documented = [...text.matchAll(/`((?:GET|POST|PUT|DELETE) \/[^`\s]*)`/g)].map(([, route]) => route);
  expect([...new Set(documented)].sort()).toEqual(routes());
});

it('shows a curl example for each route, which the app knows', () => {
  const examples = [...text.matchAll(/curl (?:-X (\w+) )?"\$G([^"?]*)/g)].map(([, method = 'GET', path = '']) => {
    const match = routes().find((route) => {
      const pattern = route.replace(/:\w+/g, '[^/]+');
      return new RegExp(`^${pattern}$`).test(`${method} ${path}`);
    });
    return match ?? `unknown: ${method} ${path}`;
  });
  expect([...new Set(examples)].sort()).toEqual(routes());
});
