import { asRefusal } from './engine-error';
import { Refusal } from './refusal';

test.each([
  [
    '/target/app.image: is stripped: it has no symbol table (stripped-image).',
    'stripped-image',
    '/target/app.image',
    '/target/app.image: is stripped: it has no symbol table.',
  ],
  [
    '/units/leaf/a.o: damaged object: Invalid ELF section header offset.',
    'corrupt-object',
    '/units/leaf/a.o',
    '/units/leaf/a.o: damaged object: Invalid ELF section header offset.',
  ],
])('%s is refused with its code', (message, code, subject, told) => {
  const refusal = asRefusal(new Error(message));
  expect(refusal).toBeInstanceOf(Refusal);
  expect((refusal as Refusal).reasons).toMatchObject([{ code, subject, message: told }]);
});

test('a sentence without a known code stays the error that it was', () => {
  const error = new Error('The request to the engine is not understood (or so).');
  expect(asRefusal(error)).toBe(error);
});
