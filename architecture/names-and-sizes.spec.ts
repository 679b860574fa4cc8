import { existsSync } from 'node:fs';
import path from 'node:path';
import { filesIn, isTest, ROOT, read, withoutTests } from './source-tree';

const rooms = ['plugin', 'executors', 'native', 'e2e', 'architecture', '.ci'];
const sources = filesIn(...rooms).filter((file) => /\.(ts|mjs|rs|cc)$/.test(file));

describe('names', () => {
  it('say what a file is for: no utils, helpers, common, misc or shared', () => {
    const vague = /(^|\/)(utils?|helpers?|common|misc|shared|stuff|lib\.ts|types\.ts)(\/|\.\w+$|$)/;
    expect(sources.filter((file) => vague.test(file))).toEqual([]);
  });

  it.each(['capture', 'compile', 'diff', 'link', 'load', 'apply'])(
    'call the stage %s so in the pipeline, in a file or folder of its own',
    (stage) => {
      const places = [`${stage}.ts`, `${stage}/${stage}.ts`];
      const found = places.filter((place) => existsSync(path.join(ROOT, 'executors/pipeline', place)));
      expect(found).toHaveLength(1);
    },
  );

  it.each(['engine/src/diff', 'engine/src/link', 'loader/src/load.rs', 'loader/src/apply.rs'])(
    'call the stage by the same word in native/%s',
    (place) => {
      expect(existsSync(path.join(ROOT, 'native', place))).toBe(true);
    },
  );

  it('are told in one order: the recipe awaits the six stages, each once', () => {
    const awaited = [...read('executors/pipeline/pipeline.ts').matchAll(/await stages\.(\w+)\(/g)];
    expect(awaited.map((match) => match[1])).toEqual(['capture', 'compile', 'diff', 'link', 'load', 'apply']);
  });
});

describe('files', () => {
  const product = sources.filter((file) => /\.(ts|rs|cc)$/.test(file) && !isTest(file));
  const length = (file: string) => withoutTests(read(file)).split('\n').length - 1;

  it('are short enough to be read at one go: at most 400 lines without their tests', () => {
    const long = product.map((file) => ({ file, lines: length(file) })).filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });

  it('are mostly far shorter: the median is below 130 lines', () => {
    const lengths = product.map(length).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(130);
  });
});
