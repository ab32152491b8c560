/** What the worker registers; the one file it bundles. */
export { deliverWebhook } from './deliver-webhook.js';
export { planProvisionBoard, provisionBoard } from './provision-board.js';
export { sweep } from './sweep.js';
export { tendGrants } from './tend-grants.js';
