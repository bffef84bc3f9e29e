import { writersAreTold } from './writersAreTold.ts';

writersAreTold('throttle');
