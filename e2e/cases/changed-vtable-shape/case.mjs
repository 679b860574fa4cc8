const replace = (...pairs) => ({
  'app/src/behaviour.rs': (text) => pairs.reduce((all, [from, to]) => all.replaceAll(from, to), text),
});
const shape = /app::behaviour::Square.*app::behaviour::Shape/;
const [size, name] = ['    fn size(&self) -> u32;\n', '    fn name(&self) -> String;\n'];
const refused = (edit, answer, words = shape) => ({
  steps: [
    { ask: { a: 'square 9 7' } },
    { edit, refused: { code: 'vtable-shape', words } },
    { ask: { a: answer } },
  ],
});

export default {
  behaviour:
    'A trait that has more, fewer or other methods in its slots is refused by type and trait, since living objects have the old vtable.',
  variants: {
    'a method more, before others': refused(
      replace(
        [size, `    fn corners(&self) -> u32;\n${size}`],
        [
          '    fn size(&self) -> u32 {',
          '    fn corners(&self) -> u32 {\n        4\n    }\n\n    fn size(&self) -> u32 {',
        ],
        ['self.shape.size()', 'self.shape.size() + self.shape.corners()'],
      ),
      'square 13 7',
    ),
    'a method more, behind others': refused(
      replace(
        [name, `${name}    fn corners(&self) -> u32 {\n        4\n    }\n`],
        ['self.shape.size()', 'self.shape.size() + self.shape.corners()'],
      ),
      'square 13 7',
    ),
    'a method less': refused(
      replace(
        ['    fn unit(&self) -> u32;\n', ''],
        ['    fn unit(&self) -> u32 {\n        self.0 + 4\n    }\n\n', ''],
        ['self.shape.unit()', '7'],
      ),
      'square 9 7',
    ),
    'two of one signature change places': refused(
      replace([size, ''], ['    fn unit(&self) -> u32;\n', `    fn unit(&self) -> u32;\n${size}`]),
      'square 9 7',
    ),
    'a supertrait more': refused(
      replace(
        [
          'trait Shape {',
          'trait Named {\n    fn title(&self) -> String {\n        "titled ".into()\n    }\n}\n\nimpl Named for Square {}\n\ntrait Shape: Named {',
        ],
        ['self.shape.name()', 'self.shape.title() + &self.shape.name()'],
      ),
      'titled square 9 7',
    ),
  },
};
