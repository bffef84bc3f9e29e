import { writersAreTold } from './writersAreTold.ts';

writersAreTold('error');
