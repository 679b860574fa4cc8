export default {
  behaviour: 'Link-time optimisation leaves no units to compare: refused with the setting that asks for it.',
  fails: { code: 1, words: /\blto\b/i },
};
