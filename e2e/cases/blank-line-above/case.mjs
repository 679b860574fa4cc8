const blankLine = (text) => `\n${text}`;

export default {
  behaviour: 'A blank line above all functions redirects none, also where panic locations move with it.',
  steps: [
    { edit: { 'mid/src/lib.rs': blankLine }, run: nothingRedirected },
    { edit: { 'leaf/src/lib.rs': blankLine }, run: nothingRedirected },
    { ask: { abc: '1 7' } },
  ],
};

/** Either nothing that runs has changed, or line numbers in panic locations were brought up to date in place. */
async function nothingRedirected({ task }) {
  const event = await task.event('unchanged', 'patched', 'refused', 'compile-error');
  const redirected = event.functions?.map(({ name }) => name) ?? [];
  if (event.event === 'refused' || redirected.length > 0) throw new Error(JSON.stringify(event));
}
