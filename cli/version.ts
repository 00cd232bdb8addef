import { readFileSync } from 'node:fs';

/** Version of the package, from the package.json above the sources or above the built files. */
export function version(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const { name, version: found } = JSON.parse(
        readFileSync(new URL(place, import.meta.url), 'utf8'),
      ) as Record<string, unknown>;
      if (name === 'cordon' && typeof found === 'string') return found;
    } catch {
      continue;
    }
  }
  return 'unknown';
}
