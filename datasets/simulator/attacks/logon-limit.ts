import { CordonError } from '../../../protocol/errors.ts';

/** Logons that the campaigns of a simulation may try, all together; a scenario file that asks for more is refused. */
const MOST = 1_000_000;

/** Counts the logons of all campaigns, so that no scenario file fills the memory or takes for ever. */
export class LogonLimit {
  private left = MOST;

  /** @throws CordonError CONFIG_INVALID when there are too many */
  take(): void {
    if (--this.left >= 0) return;
    throw new CordonError('CONFIG_INVALID', {
      expected: `at most ${MOST} logons of intruders in all campaigns together`,
      got: 'scenarios that ask for more',
      next: 'lower targets, visits, noise or campaigns; docs/scenarios.md describes every field',
    });
  }
}
