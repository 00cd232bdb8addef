import { parseConfig } from '../../../protocol/codec/config-text.ts';
import { CordonError, toCordonError } from '../../../protocol/errors.ts';
import { readBoundedText } from '../../input/bounded-text.ts';
import { checkScenario } from './check.ts';
import { BUILT_IN, builtIn } from './builtin/index.ts';
import { Scenario } from './schema.ts';

/** A larger scenario file is refused before it is read. */
const MOST_BYTES = 256 * 1024;
const NEXT = 'correct the file; docs/scenarios.md describes every field';

/**
 * A scenario by the name of a built-in one, or from a file.
 * @param given a name like `apt`, or a path: whatever is no built-in name
 * @throws CordonError DATA_NOT_FOUND, CONFIG_INVALID naming the first field that is wrong
 */
export async function readScenario(given: string): Promise<Scenario> {
  const text = builtIn(given);
  if (text !== null) return parseScenario(text, `built-in scenario ${given}`);
  return parseScenario(await readBounded(given), `scenario ${given}`);
}

/** @throws CordonError CONFIG_INVALID naming the first field that is wrong */
export function parseScenario(text: string, what: string): Scenario {
  const scenario = parseConfig(Scenario, text, what, NEXT);
  checkScenario(scenario, what, NEXT);
  return scenario;
}

async function readBounded(path: string): Promise<string> {
  try {
    const text = await readBoundedText(path, MOST_BYTES);
    if (text !== null) return text;
  } catch (cause) {
    const { code, got } = toCordonError(cause);
    throw new CordonError(
      code,
      {
        expected: `a scenario file, or one of ${BUILT_IN.join(', ')}`,
        got,
        next: 'check the path, or see cordon datasets simulate --list-scenarios',
      },
      { cause },
    );
  }
  throw new CordonError('CONFIG_INVALID', {
    expected: `a scenario file of at most ${MOST_BYTES} bytes`,
    got: `${path} with more`,
    next: 'check that this is a scenario file; split it if it is one',
  });
}
