/** How an event that was entered into the history is counted in the rows of its account and its hosts. */
import { bump, fade, left, slower, touch } from './fading.ts';
import type { History } from './history.ts';
import {
  ACCOUNT,
  ACCOUNT_SHAPE,
  HOST,
  HOST_SHAPE,
  HOST_WORDS,
  partOfDay,
  sketchBit,
  SKETCH_WORDS,
} from './history-rows.ts';

/** Into the row of the account: uses, new destinations and sources, failures, the time of day. */
export function countAccount(history: History, success: boolean): void {
  const { data } = history.accounts;
  const row = history.account * ACCOUNT_SHAPE.width;
  const { now } = history;
  const isNew = history.toTotal === 0;
  touch(data, row, now);
  fade(data, row + ACCOUNT.fanRecent, history.accountLeft, isNew || now - history.toTime > 1);
  fade(data, row + ACCOUNT.failures, history.accountLeft, !success);
  fade(data, row + ACCOUNT.newBurst, history.accountSlower, isNew);
  fade(data, row + ACCOUNT.newSources, history.accountSlower, history.fromTotal === 0);
  bump(data, row + ACCOUNT.total);
  bump(data, row + ACCOUNT.hours + partOfDay(now));
  if (isNew) bump(data, row + ACCOUNT.destinations);
}

/** Into the row of the host that the event came from: where it goes, and how often that fails or is new. */
export function countSource(history: History, success: boolean): void {
  const { data, words, numbers } = history.hosts;
  const row = history.source * HOST_SHAPE.width;
  const { now } = history;
  const isNew = history.edgeTotal === 0;
  const remote = history.source !== history.destination;
  touch(data, row, now);
  fade(data, row + HOST.fanRecent, history.sourceLeft, isNew || now - history.edgeTime > 1);
  fade(data, row + HOST.failures, history.sourceLeft, !success);
  fade(data, row + HOST.newBurst, history.sourceSlower, isNew && remote);
  fade(data, row + HOST.arrivals, history.sourceSlower, false);
  bump(data, row + HOST.out);
  if (isNew) bump(data, row + HOST.destinations);
  if (remote) {
    const bit = sketchBit(numbers[history.destination] ?? 0);
    const word = history.source * HOST_SHAPE.words + HOST_WORDS.reached + (bit >>> 5);
    words[word] = (words[word] ?? 0) | (1 << (bit & 31));
  } else {
    bump(data, row + HOST.localTotal);
    if (isNew || now > history.edgeTime) data[row + HOST.localTime] = now;
  }
}

/** Into the row of the host that the event went to: who comes, and what those have reached. */
export function countDestination(history: History): void {
  const { data, words } = history.hosts;
  const row = history.destination * HOST_SHAPE.width;
  const isNew = history.edgeTotal === 0;
  const isNewAccount = history.toTotal === 0;
  bump(data, row + HOST.in);
  if (isNewAccount) bump(data, row + HOST.accounts);
  if (history.source === history.destination) return;
  const hourly = left(data, row, HOST.fanRecent, history.now);
  const fourHourly = slower(hourly);
  touch(data, row, history.now);
  fade(data, row + HOST.fanRecent, hourly, false);
  fade(data, row + HOST.failures, hourly, false);
  fade(data, row + HOST.newBurst, fourHourly, false);
  fade(data, row + HOST.arrivals, fourHourly, isNew || isNewAccount);
  if (isNew) bump(data, row + HOST.sources);
  const reached = history.source * HOST_SHAPE.words + HOST_WORDS.reached;
  const shared = history.destination * HOST_SHAPE.words + HOST_WORDS.shared;
  for (let i = 0; i < SKETCH_WORDS; i++) {
    words[shared + i] = (words[shared + i] ?? 0) | (words[reached + i] ?? 0);
  }
}
