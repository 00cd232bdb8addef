import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/**
 * Collects the young garbage, now. A full collection would also throw away compiled code, which the next run would then
 * pay for. The engine has this function; it only has to be asked for by a flag, which may be set late.
 */
export function collectGarbage(): void {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    const exposed: unknown = runInNewContext('gc');
    if (typeof exposed !== 'function') throw new Error('the engine shows no garbage collector');
    collect = () => void Reflect.apply(exposed, undefined, [{ type: 'minor' }]);
  }
  collect();
}
