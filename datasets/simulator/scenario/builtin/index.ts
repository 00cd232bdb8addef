import { apt } from './apt.ts';
import { lanlRedteam } from './lanl-redteam.ts';
import { ransomwareWorm } from './ransomware-worm.ts';
import { sixTactics } from './six-tactics.ts';
import { stealthyInsider } from './stealthy-insider.ts';
import { supplyChain } from './supply-chain.ts';
import { zeroDay } from './zero-day.ts';

const TEXTS: Readonly<Record<string, string>> = {
  'six-tactics': sixTactics,
  apt,
  'ransomware-worm': ransomwareWorm,
  'supply-chain': supplyChain,
  'zero-day': zeroDay,
  'stealthy-insider': stealthyInsider,
  'lanl-redteam': lanlRedteam,
};

/** Names of the built-in scenarios; the first is played where none is named. */
export const BUILT_IN: readonly string[] = Object.keys(TEXTS);

/** Its text, exactly as a file of the same scenario would have it; null for a name that is none. */
export function builtIn(name: string): string | null {
  return Object.hasOwn(TEXTS, name) ? (TEXTS[name] ?? null) : null;
}
