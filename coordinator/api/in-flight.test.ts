import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { InFlight } from './in-flight.ts';

describe('requests under way', () => {
  it('are bounded for each identity, and an answer that is out or cut off makes room', () => {
    const inFlight = new InFlight(2);
    const answers = Array.from({ length: 4 }, () => new EventEmitter());
    const enter = (identity: string, place: number) => {
      inFlight.enter(identity, answers[place] as never);
    };
    enter('member/a', 0);
    enter('member/a', 1);
    expect(() => enter('member/a', 2)).toThrow('asks for too much');
    // Nobody else notices.
    enter('member/b', 3);
    answers[0]?.emit('close');
    enter('member/a', 2);
    expect(() => enter('member/a', 0)).toThrow('asks for too much');
    for (const answer of answers) answer.emit('close');
    expect(inFlight.size).toBe(0);
  });
});
