import { CordonError } from './errors.ts';

/**
 * Named failpoints for tests of crashes and damage: `CORDON_FAILPOINTS=[process:]name=action[@round][,...]`, where process
 * is a member's id or `coordinator`; without one the failpoint is armed in every process that has it. `kill` sends SIGKILL to the own process there; `flip` damages what stands there. Off unless the variable is set.
 */
export const FAILPOINTS = {
  'participant.before-upload': 'kill',
  'participant.after-upload': 'kill',
  'participant.after-journal': 'kill',
  'participant.share': 'flip',
  'participant.chunk': 'flip',
  'participant.before-audit': 'kill',
  'coordinator.blob': 'flip',
  'coordinator.wrong-sum': 'flip',
  'coordinator.before-publish': 'kill',
} as const satisfies Record<string, 'kill' | 'flip'>;
export type Failpoint = keyof typeof FAILPOINTS;

/** Whether the named failpoint is armed in this round; a `kill` does not come back. */
export type FailpointCheck = (name: Failpoint, round: number) => boolean;

/**
 * @param self the member's id, or `coordinator`
 * @param spec value of CORDON_FAILPOINTS, or undefined
 * @param kill ends the own process at once
 * @throws CordonError CONFIG_INVALID for a name or action that does not exist
 */
export function armFailpoints(self: string, spec: string | undefined, kill: () => void): FailpointCheck {
  const armed = new Map<string, number | null>();
  for (const part of (spec ?? '').split(',').filter((text) => text !== '')) {
    const match = /^(?:([a-z0-9-]+):)?([a-z.-]+)=(kill|flip)(?:@(\d+))?$/.exec(part);
    const name = match?.[2] ?? '';
    if (!match || !isFailpoint(name) || FAILPOINTS[name] !== match[3]) {
      throw new CordonError('CONFIG_INVALID', {
        expected: `CORDON_FAILPOINTS with [process:] and one of ${Object.entries(FAILPOINTS)
          .map(([known, action]) => `${known}=${action}[@round]`)
          .join(', ')}`,
        got: part,
        next: 'correct or unset the variable',
      });
    }
    if (match[1] !== undefined && match[1] !== self) continue;
    armed.set(name, match[4] === undefined ? null : Number(match[4]));
  }
  return (name, round) => {
    const at = armed.get(name);
    if (at === undefined || (at !== null && at !== round)) return false;
    if (FAILPOINTS[name] === 'kill') kill();
    return true;
  };
}

function isFailpoint(name: string): name is Failpoint {
  return Object.hasOwn(FAILPOINTS, name);
}
