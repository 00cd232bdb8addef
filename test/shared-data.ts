import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Path of a piece of the shared test data beside the checkout (or under CORDON_SHARED_DATA), or null where it is absent.
 * A test that gets null must skip and say so: `it.skipIf(data === null)('... (needs shared data)', ...)`.
 */
export function sharedData(sub: string): string | null {
  const root =
    process.env['CORDON_SHARED_DATA'] ?? fileURLToPath(new URL('../../shared/data/', import.meta.url));
  const path = `${root.replace(/\/$/, '')}/${sub}`;
  return existsSync(path) ? path : null;
}
