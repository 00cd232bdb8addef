import { describe, expect, it } from 'vitest';
import { CordonError } from './errors.ts';
import { armFailpoints } from './failpoints.ts';

function armed(self: string, spec: string | undefined) {
  let kills = 0;
  const check = armFailpoints(self, spec, () => {
    kills += 1;
  });
  return { check, kills: () => kills };
}

describe('failpoints', () => {
  it('do nothing where the variable is unset or empty', () => {
    for (const spec of [undefined, '', ',']) {
      const { check, kills } = armed('org-1', spec);
      expect(check('participant.before-upload', 1)).toBe(false);
      expect(kills()).toBe(0);
    }
  });

  it('kill or flip in their round and process only', () => {
    const spec = 'org-1:participant.before-upload=kill@2,participant.share=flip';
    const own = armed('org-1', spec);
    expect(own.check('participant.before-upload', 1)).toBe(false);
    expect(own.check('participant.before-upload', 2)).toBe(true);
    expect(own.kills()).toBe(1);
    expect(own.check('participant.share', 9)).toBe(true);
    expect(own.kills()).toBe(1);
    const other = armed('org-2', spec);
    expect(other.check('participant.before-upload', 2)).toBe(false);
    expect(other.check('participant.share', 1)).toBe(true);
  });

  it.each([
    'participant.nothing=kill',
    'participant.share=kill',
    'participant.before-upload=flip',
    'participant.share',
    'participant.share=flip@x',
    'constructor=kill',
    'a b:participant.share=flip',
  ])('refuse %s with the list of what there is', (spec) => {
    expect(() => armed('org-1', spec)).toThrow(CordonError);
    expect(() => armed('org-2', spec)).toThrow(/participant\.before-upload=kill/);
  });
});
