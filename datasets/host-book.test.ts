import { describe, expect, it } from 'vitest';
import { cleanAddress, HostBook, isLoopback } from './host-book.ts';

describe('HostBook', () => {
  it('keeps the addresses of networks apart that use the same ones', () => {
    const book = new HostBook();
    book.learnAddress('10.0.0.5', 'ws5.east.test', 'east.test');
    book.learnAddress('10.0.0.5', 'ws7.west.test', 'west.test');
    expect(book.hostAt('10.0.0.5', 'east.test')).toBe('ws5.east.test');
    expect(book.hostAt('10.0.0.5', 'west.test')).toBe('ws7.west.test');
    expect(book.hostAt('10.0.0.5', '')).toBeNull();
  });

  it('spells addresses one way', () => {
    expect(cleanAddress('::ffff:10.0.0.5')).toBe('10.0.0.5');
    expect(cleanAddress('FE80::1%eth0')).toBe(cleanAddress('fe80:0:0:0:0:0:0:1'));
    expect(cleanAddress('-')).toBe('');
    expect(isLoopback(cleanAddress('::1'))).toBe(true);
    expect(isLoopback('127.0.0.1')).toBe(true);
    expect(isLoopback('10.0.0.1')).toBe(false);
  });
});
