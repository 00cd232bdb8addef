import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, posix } from 'node:path';
import { NOT_COPIED } from './copy-tree.ts';
import { FOLDERS, isTest } from './import-table.ts';
import { type Reference, referencesOf } from './references.ts';

const SOURCE = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']);

/** The files of a checkout by their paths relative to its root, with forward slashes; each is read and parsed once. */
export class SourceTree {
  /** Text of what is planted; null: as on disk below `#root`. */
  readonly #files: ReadonlyMap<string, string | null>;
  readonly #root: string;
  readonly #references: Map<string, Reference[]>;

  private constructor(root: string, files: ReadonlyMap<string, string | null>, parsed: SourceTree | null) {
    this.#root = root;
    this.#files = files;
    this.#references = new Map(parsed === null ? [] : parsed.#references);
  }

  static of(root: string): SourceTree {
    const files = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !NOT_COPIED.has(entry.name))
      .flatMap(({ name }) =>
        readdirSync(join(root, name), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => posix.join(...relativeParts(root, entry.parentPath), entry.name)),
      );
    return new SourceTree(root, new Map(files.map((path) => [path, null])), null);
  }

  /** The same with other files in it. @param plant relative path -> text */
  with(plant: Readonly<Record<string, string>>): SourceTree {
    const tree = new SourceTree(this.#root, new Map([...this.#files, ...Object.entries(plant)]), this);
    for (const path of Object.keys(plant)) tree.#references.delete(path);
    return tree;
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  isSource(path: string): boolean {
    return SOURCE.has(extname(path)) && this.has(path);
  }

  /** Every non-test source file of the folders in the table. */
  sources(): string[] {
    return [...this.#files.keys()].filter(
      (path) =>
        this.isSource(path) &&
        FOLDERS.some((folder) => path.startsWith(`${folder}/`)) &&
        !isTest(path) &&
        !path.includes('/kernels/assembly/'),
    );
  }

  /** What a source file names. */
  references(path: string): Reference[] {
    const known = this.#references.get(path);
    if (known !== undefined) return known;
    const text = this.#files.get(path) ?? readFileSync(join(this.#root, path), 'utf8');
    const references = referencesOf(path, text);
    this.#references.set(path, references);
    return references;
  }
}

function relativeParts(root: string, path: string): string[] {
  return path.slice(root.length).split(/[\\/]/).filter(Boolean);
}
