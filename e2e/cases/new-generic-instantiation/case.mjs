export default {
  behaviour: 'An edit asks for a generic function with a type that the program had no instance of.',
  steps: [
    { ask: { abc: '1 8' } },
    { edit: 'after', patched: { redirected: ['mid::price'], added: ['mid::largest'] } },
    { ask: { abc: '2 205' } },
  ],
};
