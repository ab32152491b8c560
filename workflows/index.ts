/** What the worker registers; the one file it bundles. */
export { deliverWebhook } from './deliver-webhook.js';
export { planRetroToTickets, readRetroPlan } from './plan-retro.js';
export { planProvisionBoard, provisionBoard } from './provision-board.js';
export { retroToTickets } from './retro-to-tickets.js';
export { sweep } from './sweep.js';
export { tendGrants } from './tend-grants.js';
export { undoRetroToTickets } from './undo-retro.js';
