import { writersAreTold } from './writersAreTold.ts';

writersAreTold('reset');
