/** Which of an organisation's events train, give thresholds and are evaluated. */
import { DAY_MS } from '../../models/metrics/alerts.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';

export type Part = 'warm-up' | 'train' | 'validation' | 'evaluation' | 'everything';

/** Share of the training time that only fills the history: at first everything is new. */
const WARM_UP = 0.15;
/** Whole (source host, day) groups are held out, by hash: a stretch of time could be all weekend. */
export const HELD_OUT = 0.5;

/**
 * @param first time of the organisation's first event
 * @param trainUntil null where all events train, give thresholds and are evaluated
 */
export function partOf(
  { time, srcHost }: Pick<AuthEvent, 'time' | 'srcHost'>,
  first: number,
  trainUntil: number | null,
): Part {
  if (trainUntil === null) return 'everything';
  if (time >= trainUntil) return 'evaluation';
  if (time - first < WARM_UP * (trainUntil - first)) return 'warm-up';
  return groupHash(srcHost, Math.floor(time / DAY_MS)) < HELD_OUT * 2 ** 32 ? 'validation' : 'train';
}

export function isTraining(part: Part): boolean {
  return part === 'train' || part === 'everything';
}

/** FNV-1a over the name, mixed with the day; uniform enough to hold groups out by. */
function groupHash(name: string, day: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(day, 0x9e3779b1);
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
}
