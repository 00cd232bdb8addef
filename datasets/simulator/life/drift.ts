import { KIND, LOGON_CLASSES } from '../kinds.ts';
import { LEAST_DRIFT, NOVEL_SHARE } from './companions.ts';
import type { HabitColumns } from './habit-book.ts';
import type { OrdinaryLife } from './ordinary-life.ts';

const TRIES = 12;

/**
 * People go where they have not been, or come from another desk, until the day's share of new pairs of computers is
 * the published one; half of these ways become habits.
 */
export function drift(life: OrdinaryLife, day: number): void {
  const { random } = life;
  const { remote, novel } = life.trace;
  const wanted = Math.max(remote * NOVEL_SHARE - novel, remote * LEAST_DRIFT);
  let left = Math.floor(wanted) + (random.chance(wanted % 1) ? 1 : 0);
  const kerberos = columnsOf(life, KIND.kerberos);
  const ntlm = columnsOf(life, KIND.ntlm);
  for (let tries = left * TRIES; left > 0 && tries > 0; tries--) {
    const kind = random.chance(0.12) ? KIND.ntlm : KIND.kerberos;
    const columns = kind === KIND.ntlm ? ntlm : kerberos;
    if (columns && goAstray(life, columns, kind, day)) left--;
  }
}

/** The columns of the remote class of a kind. */
function columnsOf(life: OrdinaryLife, wanted: number): HabitColumns | null {
  return life.classes[LOGON_CLASSES.findIndex(({ kind, remote }) => remote && kind === wanted)] ?? null;
}

function goAstray(life: OrdinaryLife, columns: HabitColumns, kind: number, day: number): boolean {
  const { org, world, random, trace } = life;
  const slot = columns.draw.draw(random);
  const src = columns.src[slot] ?? 0;
  const dst = columns.dst[slot] ?? 0;
  if (columns.rhythm[slot] !== 'office' || src < 0) return false;
  const own = world.hostOwner[src] === org.index;
  let from = src;
  let to = dst;
  if (own && random.chance(0.4)) from = random.pick(org.workstations);
  else to = random.chance(0.9) ? random.pick(org.servers) : random.pick(org.hosts);
  if (from === to || trace.pairs.has(from, to)) return false;
  const seen = columns.seen[slot] ?? 0;
  columns.src[slot] = from;
  columns.dst[slot] = to;
  columns.seen[slot] = 0;
  life.session(columns, slot, kind, day, 8);
  if (random.chance(0.5)) return true;
  columns.src[slot] = src;
  columns.dst[slot] = dst;
  columns.seen[slot] = seen;
  return true;
}
