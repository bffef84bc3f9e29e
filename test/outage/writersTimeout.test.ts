import { writersAreTold } from './writersAreTold.ts';

writersAreTold('timeout');
