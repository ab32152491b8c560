import { describeFuzz } from './fuzzing.js';

describeFuzz(600, 20_261_123);
