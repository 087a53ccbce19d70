/**
 * Properties are asked about the same values every time, so that a build that was right stays right. `PROPERTY_SEED` asks
 * about others.
 */
import { configureGlobal } from 'fast-check';

const suiteSeed = 20_260_301;

configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? suiteSeed) });
