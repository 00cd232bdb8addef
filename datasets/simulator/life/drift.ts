import { KIND, LOGON_CLASSES } from '../kinds.ts';
import { LEAST_DRIFT, NOVEL_SHARE } from './companions.ts';
import type { HabitColumns } from './habit-book.ts';
import type { OrdinaryLife } from './ordinary-life.ts';

const TRIES = 12;
/** Chance that a new way becomes a habit, that it ends each night, and the most of them at a time by habits in all. */
const STAYS = 0.5;
const ENDS = 0.25;
const MOST = 0.05;

/** A habit that has given way to another for some days. */
interface Detour {
  readonly columns: HabitColumns;
  readonly slot: number;
  readonly src: number;
  readonly dst: number;
}

/**
 * People go where they have not been, or come from another desk, until the day's share of new pairs of computers is
 * the published one. Half of these ways are habits for some days; then the old ones come back, so that in the long run
 * nothing changes in who is visited most.
 */
export class Drift {
  private readonly life: OrdinaryLife;
  private detours: Detour[] = [];

  constructor(life: OrdinaryLife) {
    this.life = life;
  }

  day(day: number): void {
    const { random, trace } = this.life;
    this.detours = this.detours.filter((detour) => !random.chance(ENDS) || !goBack(detour));
    const wanted = Math.max(trace.remote * NOVEL_SHARE - trace.novel, trace.remote * LEAST_DRIFT);
    let left = Math.floor(wanted) + (random.chance(wanted % 1) ? 1 : 0);
    const kerberos = this.columnsOf(KIND.kerberos);
    const ntlm = this.columnsOf(KIND.ntlm);
    for (let tries = left * TRIES; left > 0 && tries > 0; tries--) {
      const kind = random.chance(0.12) ? KIND.ntlm : KIND.kerberos;
      const columns = kind === KIND.ntlm ? ntlm : kerberos;
      if (columns && this.goAstray(columns, kind, day)) left--;
    }
  }

  /** The columns of the remote class of a kind. */
  private columnsOf(wanted: number): HabitColumns | null {
    const place = LOGON_CLASSES.findIndex(({ kind, remote }) => remote && kind === wanted);
    return this.life.classes[place] ?? null;
  }

  private goAstray(columns: HabitColumns, kind: number, day: number): boolean {
    const { org, world, random, trace } = this.life;
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
    this.life.session(columns, slot, kind, day, 8);
    const room = this.detours.length < MOST * columns.src.length;
    if (room && random.chance(STAYS)) this.detours.push({ columns, slot, src, dst });
    else {
      goBack({ columns, slot, src, dst });
      columns.seen[slot] = seen;
    }
    return true;
  }
}

/** The old habit again; its pair is looked up once more, it may have been on the list and never used. */
function goBack({ columns, slot, src, dst }: Detour): true {
  columns.src[slot] = src;
  columns.dst[slot] = dst;
  columns.seen[slot] = 0;
  return true;
}
