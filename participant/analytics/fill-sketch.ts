import type { TaskKey } from '../../crypto/secret/task-key.ts';
import { CountSketch, type SketchShape } from '../../models/analytics/count-sketch.ts';
import type { PairCount } from './period-counts.ts';

/**
 * One member's sketch of one period, without noise. Of an account's sources the first `sources` in the order of their keyed
 * hashes count, so that what one account can change is bounded, whatever the others do.
 */
export function fillSketch(shape: SketchShape, key: TaskKey, pairs: readonly PairCount[]): CountSketch {
  const sketch = new CountSketch(shape);
  const byAccount = new Map<string, PairCount[]>();
  for (const pair of pairs) {
    const list = byAccount.get(pair.account);
    if (list) list.push(pair);
    else byAccount.set(pair.account, [pair]);
  }
  const sources = new Map<string, Uint8Array>();
  const sourceHash = (name: string): Uint8Array => {
    const hash = sources.get(name) ?? key.mac('source', name);
    sources.set(name, hash);
    return hash;
  };
  for (const [account, all] of byAccount) {
    const own = key.mac('account', account);
    const counted = all
      .map((pair) => ({ pair, hash: key.mac('pair', account, pair.source) }))
      .sort((a, b) => Buffer.compare(a.hash, b.hash))
      .slice(0, shape.sources);
    sketch.add('account-prevalence', own, 1);
    for (const { pair, hash } of counted) {
      const source = sourceHash(pair.source);
      sketch.add('pair-prevalence', hash, 1);
      sketch.add('source-prevalence', source, 1);
      sketch.add('account-failures', own, pair.failures);
      sketch.add('source-failures', source, pair.failures);
      sketch.add('account-new-pairs', own, pair.fresh);
      sketch.add('source-new-pairs', source, pair.fresh);
    }
  }
  return sketch;
}
