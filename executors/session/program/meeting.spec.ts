import { meeting } from './meeting';

const REFUSED = [{ code: 'version', subject: '', message: 'of another version', remedy: '' }];

describe('the start of a program', () => {
  it('waits for the process that was started, and for no other', async () => {
    const met = meeting(false);
    met.hello(8);
    const end = met.by(7, 60_000);
    met.hello(9);
    expect(met.refuse(9, REFUSED)).toBe(false);
    met.hello(7);
    expect(await end).toEqual([]);
  });

  it('ends with the reasons for which that process cannot be patched', async () => {
    const met = meeting(false);
    const end = met.by(7, 60_000);
    expect(met.refuse(7, REFUSED)).toBe(true);
    expect(await end).toEqual(REFUSED);
  });
});

describe('the start of the host of a library', () => {
  it('waits for whichever process loads it first', async () => {
    const met = meeting(true);
    const end = met.by(7, undefined);
    met.hello(9);
    expect(await end).toEqual([]);
  });

  it('is over when that process was there before it was waited for', async () => {
    const met = meeting(true);
    met.hello(9);
    expect(await met.by(7, undefined)).toEqual([]);
  });

  it('ends with the reasons of whichever process cannot be patched, and later ones are told apart', async () => {
    const met = meeting(true);
    const end = met.by(7, undefined);
    expect(met.refuse(9, REFUSED)).toBe(true);
    expect(await end).toEqual(REFUSED);
    expect(met.refuse(10, REFUSED)).toBe(false);
  });
});
