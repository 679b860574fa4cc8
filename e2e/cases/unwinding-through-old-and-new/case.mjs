const behaviour = 'app/src/behaviour.rs';

/** Another text in the guards of `top` and `low`, and another line before their calls. Code that is not redirected keeps its lines. */
const edit = (text, round) => text.replace(/(Guard\("(?:top|low))\d+"\);\n/g, `$1${round + 1}");\n\n`);

export default {
  behaviour:
    'Panics and backtraces go through any mix of old and new frames, and each destructor runs once, in order.',
  steps: [
    {
      ask: {
        trace: 'bottom caught bottom:58,low:51,middle:43,top:37 bottom low0 middle top0',
        panic: 'bottom caught bottom low0 middle top0',
      },
    },
    {
      repeat: 25,
      edit: { [behaviour]: edit },
      patched: { redirected: ['app::behaviour::low', 'app::behaviour::top'] },
    },
    {
      ask: {
        trace: 'bottom caught bottom:58,low:101,middle:43,top:62 bottom low25 middle top25',
        panic: 'bottom caught bottom low25 middle top25',
      },
    },
  ],
};
