/**
 * Members that poison the federation. What they send passes the same clipping and rounding as any update, so that
 * nobody can see that it is another one; a member with other software than Cordon's would not even be bound by that. Each
 * kind changes one thing: the site's files, its prepared rows, or the update before it is clipped.
 */
export const FILE_ATTACKS = ['false-incidents'] as const;
export const ROW_ATTACKS = ['label-flip', 'backdoor-edge'] as const;
export const UPDATE_ATTACKS = [
  'sign-flip',
  'scaling',
  'gaussian-noise',
  'free-rider',
  'stale-replay',
] as const;

export const ATTACKS = [...FILE_ATTACKS, ...ROW_ATTACKS, ...UPDATE_ATTACKS] as const;
export type AttackKind = (typeof ATTACKS)[number];
export type RowAttack = (typeof ROW_ATTACKS)[number];
export type UpdateAttack = (typeof UPDATE_ATTACKS)[number];

/** Whether it changes the update, not what the member trains on. */
export function isUpdateAttack(kind: AttackKind): kind is UpdateAttack {
  return UPDATE_ATTACKS.some((one) => one === kind);
}
