import type { Head } from '../format.ts';

const WANTED = 64 * 1024;
const MOST = 2 * 1024 * 1024;
/** The first lines, and others from all over the head: a bad beginning does not hide what a file is. */
const FIRST_LINES = 20;
const SPREAD_LINES = 20;

/** The beginning of a stream for recognition, and the whole stream as if nothing had been read of it. */
export async function peek(
  source: AsyncGenerator<Buffer>,
): Promise<{ head: Head; chunks: AsyncGenerator<Buffer> }> {
  const taken: Buffer[] = [];
  let size = 0;
  let ended = false;
  while (size < WANTED || (size < MOST && !taken.some((chunk) => chunk.includes(0x0a)))) {
    const next = await source.next();
    if (next.done) {
      ended = true;
      break;
    }
    taken.push(next.value);
    size += next.value.length;
  }
  const bytes = Buffer.concat(taken).subarray(0, MOST);
  return { head: { bytes, lines: completeLines(bytes, ended) }, chunks: rejoin(taken, source) };
}

async function* rejoin(taken: Buffer[], source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* taken;
    yield* source;
  } finally {
    await source.return(undefined);
  }
}

/** Lines of a head that are whole; all of them where nothing follows. */
export function completeLines(bytes: Buffer, ended: boolean): string[] {
  // A NUL byte within the first kilobytes: not text, and not worth splitting.
  if (bytes.subarray(0, 4096).includes(0)) return [];
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const lines = text.split(/\r?\n/);
  if (!ended && lines.length > 1) lines.pop();
  const filled = lines.filter((line) => line.trim() !== '');
  const rest = filled.slice(FIRST_LINES);
  const step = Math.max(1, Math.ceil(rest.length / SPREAD_LINES));
  return [...filled.slice(0, FIRST_LINES), ...rest.filter((_, i) => i % step === 0)];
}
