import { type FSWatcher, watch } from 'node:fs';

/**
 * Calls `onChange` soon after the system tells of changes below a folder, once for all that come within `gatherMs`.
 * @returns what to close, or null where the system tells of none: what it does not tell is found by looking
 */
export function changeHints(folder: string, gatherMs: number, onChange: () => void): FSWatcher | null {
  try {
    let ready = true;
    const watcher = watch(folder, { recursive: true, persistent: false }, () => {
      if (!ready) return;
      ready = false;
      setTimeout(() => {
        ready = true;
        onChange();
      }, gatherMs).unref();
    });
    watcher.on('error', () => undefined);
    return watcher;
  } catch {
    return null;
  }
}
