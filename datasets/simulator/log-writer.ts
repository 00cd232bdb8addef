import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';
import { MALICIOUS, type DayBuffer } from './day-buffer.ts';
import { KIND_TEXTS } from './kinds.ts';
import type { World } from './world.ts';

interface Log {
  readonly gzip: Gzip;
  readonly done: Promise<void>;
  events: number;
}

const FLUSH_CHARACTERS = 1 << 18;
const ENDINGS = KIND_TEXTS.flatMap((kind) => [`${kind},Fail\n`, `${kind},Success\n`]);

/** One gzipped LANL log an organisation; each event goes to the owner of its destination host. */
export class LogWriter {
  private readonly world: World;
  private readonly logs: readonly Log[];

  private constructor(world: World, logs: readonly Log[]) {
    this.world = world;
    this.logs = logs;
  }

  static async open(world: World, dir: string): Promise<LogWriter> {
    const logs: Log[] = [];
    for (const org of world.organisations) {
      await mkdir(join(dir, org.name));
      const gzip = createGzip({ level: 4 });
      const file = createWriteStream(join(dir, org.name, 'auth.txt.gz'));
      gzip.on('error', (error) => file.destroy(error));
      file.on('error', (error) => gzip.destroy(error));
      gzip.pipe(file);
      const done = finished(file);
      // Awaited in close(); a failure before that must not count as unhandled.
      done.catch(() => undefined);
      logs.push({ gzip, done, events: 0 });
    }
    return new LogWriter(world, logs);
  }

  get events(): number {
    return this.logs.reduce((sum, log) => sum + log.events, 0);
  }

  eventsOf(organisation: number): number {
    return this.logs[organisation]?.events ?? 0;
  }

  /** Writes a day in order of time; `seen` is told the buffer index of each event as it is written. */
  async writeDay(day: DayBuffer, seen: (index: number) => void): Promise<void> {
    const { hostNames, hostOwner, accountNames } = this.world;
    const texts = this.logs.map(() => '');
    for (const i of day.order()) {
      const dst = day.dstHost[i] ?? 0;
      const owner = hostOwner[dst] ?? 0;
      const text =
        (texts[owner] ?? '') +
        Math.floor(day.time[i] ?? 0) +
        ',' +
        (accountNames[day.srcAccount[i] ?? 0] ?? '') +
        ',' +
        (accountNames[day.dstAccount[i] ?? 0] ?? '') +
        ',' +
        (hostNames[day.srcHost[i] ?? 0] ?? '') +
        ',' +
        (hostNames[dst] ?? '') +
        ',' +
        (ENDINGS[(day.what[i] ?? 0) % MALICIOUS] ?? '');
      const log = this.logs[owner];
      if (!log) continue;
      log.events++;
      seen(i);
      if (text.length < FLUSH_CHARACTERS) texts[owner] = text;
      else {
        texts[owner] = '';
        await push(log, text);
      }
    }
    for (const [owner, log] of this.logs.entries()) await push(log, texts[owner] ?? '');
  }

  async close(): Promise<void> {
    for (const { gzip } of this.logs) gzip.end();
    await Promise.all(this.logs.map(({ done }) => done));
  }
}

async function push(log: Log, text: string): Promise<void> {
  if (text === '') return;
  if (!log.gzip.write(Buffer.from(text, 'latin1'))) await Promise.race([once(log.gzip, 'drain'), log.done]);
}
