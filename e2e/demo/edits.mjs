/** What the demo edits: a handler's body, a function of a library, and a new function. */
export const edits = [
  {
    title: '1. The body of a handler',
    file: 'api/src/routes/hello.rs',
    from: 'message: greeting("world")',
    to: 'message: greeting("everybody") + "!"',
    request: '/hello',
    before: 'hello, world',
    after: 'hello, everybody!',
    redirected: ['api::routes::hello::hello::{{closure}}'],
    added: [],
  },
  {
    title: '2. A function of a library',
    file: 'core_lib/src/lib.rs',
    from: 'full / 10',
    to: 'full / 4',
    request: '/quote?cents=1250&pieces=10',
    before: '112.50 EUR',
    after: '93.75 EUR',
    redirected: ['core_lib::discount'],
    added: [],
  },
  {
    title: '3. A new function, two crates down',
    file: 'text/src/lib.rs',
    from: `    format!("{}.{:02} EUR", cents / 100, cents % 100)
}`,
    to: `    format!("{},{:02} EUR", grouped(cents / 100), cents % 100)
}

/// \`1234567\` as \`1.234.567\`.
fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{}.{:03}", grouped(number / 1000), number % 1000),
    }
}`,
    request: '/quote?cents=125000000&pieces=2',
    before: '2500000.00 EUR',
    after: '2.500.000,00 EUR',
    redirected: ['text::euros'],
    added: ['text::grouped'],
  },
];
