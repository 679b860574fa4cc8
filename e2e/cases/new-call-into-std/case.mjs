export default {
  behaviour: 'An edited function calls into parts of std that the program did not contain.',
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: 'after',
      // Instances that leaf or its dependency now has are shared with app, and those who call them in app follow.
      patched: {
        redirected: { own: ['leaf::double'] },
        added: {
          includes: [
            'alloc::collections::btree::set::BTreeSet<T,A>::len',
            // `<IpAddr as FromStr>` or `<impl FromStr for IpAddr>`, as it stands in the source of each version.
            /core::net::.*IpAddr.*::from_str/,
          ],
        },
      },
    },
    { ask: { abc: '2 1407' } },
  ],
};
