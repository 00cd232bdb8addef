import { type Node, parseSync, type StringLiteral, type TemplateLiteral, Visitor } from 'oxc-parser';

/** One place where a source file names another module. */
export interface Reference {
  /** As written; null where it is computed at run time and cannot be checked. */
  readonly specifier: string | null;
  readonly how: 'import' | 'export' | 'import()' | 'import type' | 'require' | 'Worker' | 'path';
  readonly line: number;
}

/**
 * Every reference in a source text: static imports and re-exports (type-only ones too: they are dependencies of the
 * design), `import()`, `import("x").T`, `require`, `new Worker`, and, as the net below them all, every string that
 * looks like a relative path, which covers `new URL('./x.ts', import.meta.url)`, `import.meta.resolve`,
 * `createRequire(...)('./x')`, `fork` and whatever else takes a path.
 */
export function referencesOf(path: string, text: string): Reference[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const found: Reference[] = [];
  const counted = new Set<number>();

  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  const add = (how: Reference['how'], at: number, source: Node | undefined | null): void => {
    const specifier = source ? textOf(source) : null;
    if (source) counted.add(source.start);
    found.push({ specifier, how, line: lineOf(at) });
  };
  const addPath = (node: StringLiteral | TemplateLiteral): void => {
    const value = textOf(node);
    if (value === null || counted.has(node.start) || !/^(\.{1,2}\/|file:)/.test(value)) return;
    found.push({ specifier: value, how: 'path', line: lineOf(node.start) });
  };

  new Visitor({
    ImportDeclaration: (node) => add('import', node.start, node.source),
    ExportAllDeclaration: (node) => add('export', node.start, node.source),
    ExportNamedDeclaration: (node) => {
      if (node.source) add('export', node.start, node.source);
    },
    ImportExpression: (node) => add('import()', node.start, node.source),
    TSImportType: (node) => add('import type', node.start, node.source),
    TSExternalModuleReference: (node) => add('require', node.start, node.expression),
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require') {
        add('require', node.start, node.arguments[0]);
      }
    },
    NewExpression: (node) => {
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'Worker') return;
      const [target] = node.arguments;
      // `new Worker(new URL('./x.ts', import.meta.url))` is read as a path below; any other form must be a literal.
      if (target?.type === 'NewExpression' && target.arguments[0] && textOf(target.arguments[0]) !== null)
        return;
      add('Worker', node.start, target);
    },
    Literal: (node) => {
      if (typeof node.value === 'string') addPath(node);
    },
    TemplateLiteral: addPath,
  }).visit(program);
  return found;
}

/** The value of a string literal or of a template without expressions, else null. */
function textOf(node: Node): string | null {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0) {
    return node.quasis[0]?.value.cooked ?? null;
  }
  return null;
}
