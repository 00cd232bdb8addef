import { type DemoHooks, type DemoOptions, runDemo } from '../../experiments/demo/run-demo.ts';
import type { DemoReport } from '../../experiments/demo/report.ts';

/** A demo with a world that is prepared in a second, and short deadlines; everything else is as in `cordon demo`. */
export async function smallDemo(
  options: Partial<DemoOptions> & { readonly failpoints?: string } = {},
  hooks: Partial<DemoHooks> = {},
): Promise<DemoReport> {
  const { failpoints, ...rest } = options;
  const before = process.env['CORDON_FAILPOINTS'];
  if (failpoints !== undefined) process.env['CORDON_FAILPOINTS'] = failpoints;
  try {
    return await runDemo(
      {
        members: 4,
        rounds: 5,
        seed: 7,
        data: null,
        out: null,
        compare: false,
        world: { hosts: 25, accounts: 30, days: 3, trainDays: 2 },
        task: { deadlines: { advertiseSeconds: 8, collectSeconds: 15, graceSeconds: 2, openSeconds: 8 } },
        ...rest,
      },
      { say: () => undefined, onState: () => undefined, signal: new AbortController().signal, ...hooks },
    );
  } finally {
    if (before === undefined) delete process.env['CORDON_FAILPOINTS'];
    else process.env['CORDON_FAILPOINTS'] = before;
  }
}

/** The four organisations of the small world, in the order of their committee seats. */
export const SMALL_MEMBERS = ['port', 'rail', 'customs', 'depot'] as const;
