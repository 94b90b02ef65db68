import type { en } from './en.ts';

/** The shape that every language's dictionary has. */
export type Words = typeof en;
