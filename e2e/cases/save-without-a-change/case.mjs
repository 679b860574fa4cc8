export default {
  behaviour: 'A save that changes nothing patches nothing; the next real edit is seen.',
  steps: [
    { edit: { 'leaf/src/lib.rs': (text) => text } },
    { edit: { 'leaf/src/lib.rs': (text) => `${text}// a comment\n` }, unchanged: true },
    { edit: 'after-edit', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '1 10' } },
  ],
};
