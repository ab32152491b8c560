import { describeModel } from './modelling.js';

describeModel(1_000, Date.now() % 1_000_000);
