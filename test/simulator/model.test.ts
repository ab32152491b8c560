import { describeModel } from './modelling.js';

describeModel(30, 20_261_123);
