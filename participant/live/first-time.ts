import { timeOf } from '../../datasets/item-sink.ts';
import { emptyStats } from '../../datasets/stats.ts';
import type { FileState } from './followed-file.ts';
import { type FeedModules, LaneFeed } from './lane-feed.ts';

/** Time of the first item of some files, which is not taken, read in pieces of `chunkBytes`; -Infinity where there is none yet. */
export async function firstTime(
  files: readonly FileState[],
  modules: FeedModules,
  chunkBytes: number,
): Promise<number> {
  const look = new LaneFeed({
    ...modules,
    stats: emptyStats(),
    chunkBytes: () => chunkBytes,
    onTrouble: () => undefined,
  });
  const copies = files.map((state) => ({ ...state, file: { ...state.file } }));
  try {
    for (;;) {
      const fed = await look.next(copies);
      if (fed === 'wait' || fed === 'none') return -Infinity;
      const [first] = fed.items;
      if (first !== undefined) return timeOf(first);
    }
  } finally {
    await look.closeAll();
  }
}
