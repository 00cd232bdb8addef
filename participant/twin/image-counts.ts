import { hashName, LONGEST_NAME } from './node-store.ts';

/** Most images that a host keeps counts of. */
const MOST_AT_A_HOST = 128;

/**
 * Which programs ran on which hosts, bounded in a way that does not depend on the order of events: a host keeps the `most`
 * images with the smallest hash of their names. An image that is kept in the end was kept from its first event on, so its
 * count is exact. Where all hosts together keep more than `limit`, `most` is halved, until they fit.
 */
export class ImageCounts {
  readonly limit: number;
  most: number = MOST_AT_A_HOST;
  readonly #hosts = new Map<number, Map<string, number>>();
  /** Names once in memory however many hosts have them; emptied when it grows large. */
  readonly #shared = new Map<string, string>();
  /** File names of paths seen lately. */
  readonly #files = new Map<string, string>();
  #size = 0;

  /** @param limit images of all hosts together, at least 1 */
  constructor(limit: number) {
    this.limit = Math.max(1, limit);
  }

  /** Pairs of host and image held. */
  get size(): number {
    return this.#size;
  }

  /** Images of a host in order of their names, with how often each was started. */
  of(host: number): [string, number][] {
    return [...(this.#hosts.get(host) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  has(host: number, file: string): boolean {
    return this.#hosts.get(host)?.has(file) === true;
  }

  /** Counts a start. Folders play no part: they hold names of people and of the moment. */
  add(host: number, image: string): void {
    let file = this.#files.get(image);
    if (file === undefined) {
      if (this.#files.size >= 4096) this.#files.clear();
      file = this.#share(fileName(image));
      this.#files.set(image, file);
    }
    if (file !== '') this.set(host, file, 1);
  }

  /** Adds `count` to what is counted of a file name. */
  set(host: number, file: string, count: number): void {
    let images = this.#hosts.get(host);
    if (images === undefined) this.#hosts.set(host, (images = new Map<string, number>()));
    const known = images.get(file);
    images.set(file, Math.min((known ?? 0) + count, Number.MAX_SAFE_INTEGER));
    if (known !== undefined) return;
    this.#size++;
    this.#cut(images);
    while (this.#size > this.limit && this.most > 1) {
      this.most >>= 1;
      for (const list of this.#hosts.values()) this.#cut(list);
    }
  }

  dropHost(host: number): void {
    this.#size -= this.#hosts.get(host)?.size ?? 0;
    this.#hosts.delete(host);
  }

  #cut(images: Map<string, number>): void {
    while (images.size > this.most) {
      let last = '';
      let largest = -1;
      for (const file of images.keys()) {
        const hash = hashName(file);
        if (hash < largest || (hash === largest && file < last)) continue;
        largest = hash;
        last = file;
      }
      images.delete(last);
      this.#size--;
    }
  }

  #share(file: string): string {
    const known = this.#shared.get(file);
    if (known !== undefined) return known;
    if (this.#shared.size >= 65536) this.#shared.clear();
    this.#shared.set(file, file);
    return file;
  }
}

/** Lower-case file name of a path of Windows or Unix, a string of its own (see NodeStore). */
export function fileName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
  return Buffer.from(name.slice(0, LONGEST_NAME).toLowerCase().toWellFormed(), 'utf8').toString('utf8');
}
