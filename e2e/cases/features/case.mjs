export default {
  behaviour: 'Features are those that were asked for, in the build and in every later compile.',
  options: { features: ['loud'], noDefaultFeatures: true },
  steps: [
    { ask: { a: 'LOUD' } },
    {
      edit: { 'app/src/behaviour.rs': (text) => text.replace('"LOUD"', '"VERY LOUD"') },
      patched: { redirected: ['app::behaviour::reply'] },
    },
    { ask: { a: 'VERY LOUD' } },
  ],
};
