import { AliasTable } from '../alias.ts';
import { LOGON_CLASSES, type ClassName } from '../kinds.ts';
import type { Rhythm } from '../rhythm.ts';

/** A way in which somebody logs on again and again. */
export interface Habit {
  readonly account: number;
  /** The account on the other side; the same where left out. */
  readonly target?: number;
  /** A host, or below 0 the place of a lease: `-1 - holder`, an address that changes hands every day. */
  readonly src: number;
  readonly dst: number;
  readonly rhythm: Rhythm;
  /** Hours by which the working day is shifted. */
  readonly shift?: number;
}

/** The habits of one class as columns, once they are complete. */
export interface HabitColumns {
  readonly account: Int32Array;
  readonly target: Int32Array;
  readonly src: Int32Array;
  readonly dst: Int32Array;
  readonly rhythm: readonly Rhythm[];
  readonly shift: Float32Array;
  /** 1 once the pair of computers has been in the log. */
  readonly seen: Uint8Array;
  readonly draw: AliasTable;
}

interface Entry {
  readonly habit: Habit;
  readonly weight: number;
}

/**
 * All habits that end at one organisation's hosts, by class and, within a class, by group. A group has a fixed share of
 * its class however many habits it has; the share of an empty one falls to the others.
 */
export class HabitBook {
  private readonly groups = new Map<ClassName, Map<string, { share: number; entries: Entry[] }>>(
    LOGON_CLASSES.map(({ name }) => [name, new Map()]),
  );

  /** @param share of the class that the group has, relative to the shares of its other groups */
  add(className: ClassName, group: string, share: number, weight: number, habit: Habit): void {
    if (!(weight > 0) || !(share > 0)) return;
    const groups = this.groups.get(className);
    const known = groups?.get(group);
    if (known) known.entries.push({ habit, weight });
    else groups?.set(group, { share, entries: [{ habit, weight }] });
  }

  /** The habits of a class; null where there are none. */
  columns(className: ClassName): HabitColumns | null {
    const groups = [...(this.groups.get(className)?.values() ?? [])];
    const size = groups.reduce((sum, { entries }) => sum + entries.length, 0);
    if (size === 0) return null;
    const weights = new Float64Array(size);
    const account = new Int32Array(size);
    const target = new Int32Array(size);
    const src = new Int32Array(size);
    const dst = new Int32Array(size);
    const shift = new Float32Array(size);
    const rhythm: Rhythm[] = [];
    let at = 0;
    for (const { share, entries } of groups) {
      const sum = entries.reduce((total, { weight }) => total + weight, 0);
      for (const { habit, weight } of entries) {
        weights[at] = (share * weight) / sum;
        account[at] = habit.account;
        target[at] = habit.target ?? habit.account;
        src[at] = habit.src;
        dst[at] = habit.dst;
        shift[at] = habit.shift ?? 0;
        rhythm.push(habit.rhythm);
        at++;
      }
    }
    const seen = new Uint8Array(size);
    return { account, target, src, dst, rhythm, shift, seen, draw: new AliasTable(weights) };
  }
}
