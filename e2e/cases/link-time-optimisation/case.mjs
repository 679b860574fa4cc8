const refused = { code: 1, words: /^✗ .*link-time optimisation.*`lto = "off"`/m };
const set = (lto) => ({ env: () => ({ CARGO_PROFILE_DEV_LTO: lto }) });

export default {
  behaviour:
    'Link-time optimisation of any kind leaves no units to compare, and is refused with the setting that asks for it; `off` works.',
  variants: {
    thin: { ...set('thin'), fails: refused },
    fat: { ...set('fat'), fails: refused },
    true: { ...set('true'), fails: refused },
    "the linker's": { env: () => ({ RUSTFLAGS: '-Clinker-plugin-lto' }), fails: refused },
    off: {
      ...set('off'),
      steps: [
        {
          edit: { 'leaf/src/lib.rs': (text) => text.replace('* 2', '* 30') },
          patched: { redirected: ['leaf::double'] },
        },
        { ask: { abc: '1 91' } },
      ],
    },
  },
};
