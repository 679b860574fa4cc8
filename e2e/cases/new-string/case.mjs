export default {
  behaviour: 'A new string is seen, also one of the same length, which changes no symbol at all.',
  steps: [
    { ask: { a: 'first', b: 'again' } },
    { edit: 'after', patched: { redirected: ['app::behaviour::greeting'] } },
    { ask: { c: 'a string that the program did not contain' } },
    { edit: 'after-same-length', patched: { redirected: ['app::behaviour::greeting'] } },
    { ask: { d: 'A STRING THAT THE PROGRAM DID NOT CONTAIN' } },
  ],
};
