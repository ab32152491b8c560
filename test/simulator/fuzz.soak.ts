import { describeFuzz } from './fuzzing.js';

describeFuzz(15_000, Date.now() % 1_000_000);
