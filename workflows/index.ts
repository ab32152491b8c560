/** What the worker registers; the one file it bundles. */
export { planProvisionBoard, provisionBoard } from './provision-board.js';
export { sweep } from './sweep.js';
