const leaf = (from, to) => ({ 'leaf/src/lib.rs': (text) => text.replace(from, to) });
const file = (name, text) => ({ [`leaf/src/${name}`]: () => text });

export default {
  behaviour:
    'Every reader sees the new value of a table, a nested static, a float, an included file and a promoted constant, in an optimised build too.',
  variants: { dev: {}, release: { options: { profile: 'release' } } },
  steps: [
    { ask: { words: 'zero one two', ranges: '[[1, 2], [10, 20]]', files: 'twelve [97, 98, 99]' } },
    { ask: { floats: '7.5 2.5', abc: '1999 10.625 [3, 1, 4, 1, 5]' } },
    { edit: leaf('"zero", "one"', '"none", "a single"'), patched: { redirected: ['app::behaviour::words'] } },
    { ask: { words: 'none a single two' } },
    { edit: leaf('[10, 20]', '[10, 21]'), patched: { redirected: ['app::behaviour::ranges'] } },
    { ask: { ranges: '[[1, 2], [10, 21]]' } },
    { edit: leaf('[&LOW, &HIGH]', '[&HIGH, &LOW]'), patched: { redirected: ['app::behaviour::ranges'] } },
    { ask: { ranges: '[[10, 21], [1, 2]]' } },
    { edit: file('text.txt', 'a dozen'), patched: { redirected: ['app::behaviour::files'] } },
    { edit: file('bytes.bin', 'abz'), patched: { redirected: ['app::behaviour::files'] } },
    { ask: { files: 'a dozen [97, 98, 122]' } },
    { edit: leaf('1.25', '1.75'), patched: { redirected: ['app::behaviour::floats'] } },
    { edit: leaf('2.5, 3.5', '2.25, 3.5'), patched: { redirected: ['app::behaviour::floats'] } },
    { ask: { floats: '10.5 2.25' } },
    { edit: leaf('1999', '2000'), patched: { redirected: ['leaf::looked_up'] } },
    { edit: leaf('0.125', '0.5'), patched: { redirected: ['leaf::scaled'] } },
    { edit: leaf('[3, 1, 4, 1, 5]', '[2, 7, 1, 8, 2]'), patched: { redirected: ['leaf::promoted'] } },
    { ask: { abc: '2000 11 [2, 7, 1, 8, 2]' } },
  ],
};
