import { open } from 'node:fs/promises';
import { CordonError } from '../../protocol/errors.ts';
import { unsafeUrl } from './schema.ts';
import { sizeOf } from './verify.ts';

const MOST_REDIRECTS = 5;

/** What a download may take. */
export interface DownloadLimits {
  /** A file without a stated size may have so many bytes. */
  readonly mostBytes: number;
  /** The other side may be silent for so long. */
  readonly silentMs: number;
}

/**
 * Loads `url` into `part`. What is there already is continued where the server can (RFC 9110, section 14), and begun anew
 * where it cannot. On an error the part stays, so that the next try continues.
 * @param bytes size of the whole file where it is known; a longer answer is refused
 * @throws CordonError DOWNLOAD_FAILED
 */
export async function download(
  url: string,
  part: string,
  bytes: number | null,
  limits: DownloadLimits,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const have = (await sizeOf(part)) ?? 0;
  if (bytes !== null && have === bytes) return onBytes(have);
  const watch = new SilenceWatch(limits.silentMs);
  try {
    const response = await request(url, bytes !== null && have > bytes ? 0 : have, watch);
    const from = response.status === 206 ? have : 0;
    const file = await open(part, from > 0 ? 'r+' : 'w');
    try {
      let size = from;
      onBytes(from);
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        watch.heard();
        if (size + chunk.length > (bytes ?? limits.mostBytes)) {
          throw failed(url, `more than ${bytes ?? limits.mostBytes} bytes`);
        }
        await file.write(chunk, 0, chunk.length, size);
        size += chunk.length;
        onBytes(chunk.length);
      }
      if (bytes !== null && size < bytes) throw failed(url, `an end after ${size} of ${bytes} bytes`);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CordonError || isFileError(error)) throw error;
    throw failed(url, watch.silent ? `nothing for ${limits.silentMs / 1000} s` : reason(error), error);
  } finally {
    watch.stop();
  }
}

/** Follows redirects by hand: each address must be one that a catalogue may name. */
async function request(first: string, from: number, watch: SilenceWatch): Promise<Response> {
  let url = first;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const wrong = unsafeUrl(url, first);
    if (wrong !== null) throw failed(first, `a redirect to an address that ${wrong}`);
    const response = await fetch(url, {
      headers:
        from > 0
          ? { range: `bytes=${from}-`, 'accept-encoding': 'identity' }
          : { 'accept-encoding': 'identity' },
      redirect: 'manual',
      signal: watch.signal,
    });
    watch.heard();
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      url = new URL(location, url).href;
      continue;
    }
    if (response.status === 416 && from > 0) {
      await response.body?.cancel();
      return request(first, 0, watch);
    }
    if (response.status === 206 && !continuesAt(response, from)) {
      await response.body?.cancel();
      throw failed(first, `a range that does not begin at ${from}`);
    }
    if (response.status !== 200 && response.status !== 206) {
      await response.body?.cancel();
      throw failed(first, `HTTP status ${response.status}`);
    }
    return response;
  }
  throw failed(first, `more than ${MOST_REDIRECTS} redirects`);
}

function continuesAt(response: Response, from: number): boolean {
  return response.headers.get('content-range')?.startsWith(`bytes ${from}-`) === true;
}

function failed(url: string, got: string, cause?: unknown): CordonError {
  const detail = {
    expected: `the file at ${url}`,
    got,
    next: 'try again: what has come is kept and continued; or take the file from a folder with --mirror',
  };
  return new CordonError('DOWNLOAD_FAILED', detail, { cause });
}

function isFileError(error: unknown): boolean {
  // What fetch throws has its reason inside; only the file's own errors have a system call at the top.
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

/** Ends a request when nothing has come for a while; a slow download that goes on is not ended. */
class SilenceWatch {
  readonly #controller = new AbortController();
  readonly #ms: number;
  #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#ms = ms;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get silent(): boolean {
    return this.#controller.signal.aborted;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(), this.#ms);
  }
}
