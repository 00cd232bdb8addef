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

/** Habits of a group while they are collected, as columns: large organisations have millions. */
interface Group {
  readonly share: number;
  readonly weight: number[];
  readonly account: number[];
  readonly target: number[];
  readonly src: number[];
  readonly dst: number[];
  readonly shift: number[];
  readonly rhythm: Rhythm[];
}

/**
 * All habits that end at one organisation's hosts, by class and, within a class, by group. A group has a fixed share of
 * its class however many habits it has; the share of an empty one falls to the others.
 */
export class HabitBook {
  private readonly groups = new Map<ClassName, Map<string, Group>>(
    LOGON_CLASSES.map(({ name }) => [name, new Map()]),
  );

  /** @param share of the class that the group has, relative to the shares of its other groups */
  add(className: ClassName, group: string, share: number, weight: number, habit: Habit): void {
    if (!(weight > 0) || !(share > 0)) return;
    const entries = this.group(className, group, share);
    entries.weight.push(weight);
    entries.account.push(habit.account);
    entries.target.push(habit.target ?? habit.account);
    entries.src.push(habit.src);
    entries.dst.push(habit.dst);
    entries.shift.push(habit.shift ?? 0);
    entries.rhythm.push(habit.rhythm);
  }

  /** The habits of a class; null where there are none. They are the caller's from then on. */
  take(className: ClassName): HabitColumns | null {
    const groups = [...(this.groups.get(className)?.values() ?? [])];
    this.groups.delete(className);
    const size = groups.reduce((sum, { weight }) => sum + weight.length, 0);
    if (size === 0) return null;
    const weights = new Float64Array(size);
    const account = new Int32Array(size);
    const target = new Int32Array(size);
    const src = new Int32Array(size);
    const dst = new Int32Array(size);
    const shift = new Float32Array(size);
    let at = 0;
    for (const group of groups) {
      const sum = group.weight.reduce((total, weight) => total + weight, 0);
      account.set(group.account, at);
      target.set(group.target, at);
      src.set(group.src, at);
      dst.set(group.dst, at);
      shift.set(group.shift, at);
      for (const weight of group.weight) weights[at++] = (group.share * weight) / sum;
    }
    const rhythm = groups.flatMap((group) => group.rhythm);
    const seen = new Uint8Array(size);
    return { account, target, src, dst, rhythm, shift, seen, draw: new AliasTable(weights) };
  }

  private group(className: ClassName, name: string, share: number): Group {
    const groups = this.groups.get(className);
    const known = groups?.get(name);
    if (known) return known;
    const made: Group = {
      share,
      weight: [],
      account: [],
      target: [],
      src: [],
      dst: [],
      shift: [],
      rhythm: [],
    };
    groups?.set(name, made);
    return made;
  }
}
