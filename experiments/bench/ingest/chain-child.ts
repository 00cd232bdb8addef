/**
 * A log through the whole chain once, and the resident memory on the way: `chain-child.ts LOG MARK...`. Prints
 * a `ChainMeasured`.
 */
import { wholeChain } from './whole-chain.ts';

/** What the process tells. */
export interface ChainMeasured {
  readonly events: number;
  readonly cpuMs: number;
  /** Greatest resident memory of the process up to so many events, bytes. */
  readonly peaks: readonly { readonly events: number; readonly bytes: number }[];
}

const [path = '', ...rest] = process.argv.slice(2);
const marks = rest.map(Number);
const peaks: ChainMeasured['peaks'][number][] = [];
const peak = (): number => process.resourceUsage().maxRSS * 1024;
const events = await wholeChain(path, (count) => {
  if (count === marks[peaks.length]) peaks.push({ events: count, bytes: peak() });
});
const { user, system } = process.cpuUsage();
const measured: ChainMeasured = {
  events,
  cpuMs: (user + system) / 1000,
  peaks: [...peaks, { events, bytes: peak() }],
};
process.stdout.write(JSON.stringify(measured));
