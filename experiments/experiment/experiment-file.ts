import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBoundedText } from '../../datasets/input/bounded-text.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';

/** A larger experiment file is refused before it is read. */
const MOST_BYTES = 256 * 1024;
const CONFIGURATIONS = fileURLToPath(new URL('configurations', import.meta.url));

/**
 * The text of an experiment file, where it stands, and where paths of data begin.
 * @param given a path; or, where there is no such file, the name of a configuration that comes with Cordon
 * @throws CordonError DATA_NOT_FOUND, CONFIG_INVALID for one of more than 256 kB
 */
export async function readExperimentFile(
  given: string,
): Promise<{ path: string; text: string; base: string }> {
  const names = readdirSync(CONFIGURATIONS).map((name) => name.replace(/\.yaml$/, ''));
  const isName = !existsSync(given) && names.includes(given);
  const path = isName ? join(CONFIGURATIONS, `${given}.yaml`) : given;
  try {
    const text = await readBoundedText(path, MOST_BYTES);
    // A configuration that comes with Cordon does not know where somebody keeps data.
    if (text !== null) return { path, text, base: isName ? '.' : dirname(path) };
  } catch (cause) {
    const { code, got } = toCordonError(cause);
    const next = `check the path, or name one of ${names.join(', ')}`;
    throw new CordonError(code, { expected: `an experiment file at ${path}`, got, next }, { cause });
  }
  throw new CordonError('CONFIG_INVALID', {
    expected: `an experiment file of at most ${MOST_BYTES} bytes`,
    got: `${path} with more`,
    next: 'check that this is an experiment file',
  });
}
