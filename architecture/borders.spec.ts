import { type Import, importsOf } from './imports';
import { filesIn, isTest, read } from './source-tree';

const isSource = (file: string) => file.endsWith('.ts') && !isTest(file);
const all = filesIn('plugin', 'executors', 'native/addon').filter(isSource).flatMap(importsOf);
const show = ({ from, to, typeOnly }: Import) => `${from} imports ${typeOnly ? 'types of ' : ''}${to}`;
const isIn = (file: string, room: string) => file.startsWith(`${room}/`);
const within = (room: string) => all.filter(({ from, to }) => isIn(from, room) && !isIn(to, room));

describe('borders between the rooms of TypeScript', () => {
  it('are looked at: imports are found at all', () => {
    expect(all.length).toBeGreaterThan(100);
  });

  it.each([
    ['native/addon', []],
    ['executors/pipeline', ['native/addon']],
    ['executors/session', ['executors/pipeline']],
    ['executors/tasks', ['executors/pipeline', 'native/addon']],
    ['executors/codegen', ['executors/pipeline', 'executors/tasks']],
    ['executors/unit', ['executors/pipeline', 'executors/tasks', 'native/addon']],
    ['executors/image', ['executors/pipeline', 'executors/tasks']],
    ['executors/base', ['executors/pipeline', 'executors/tasks']],
    ['executors/patch', ['executors/pipeline', 'executors/tasks', 'native/addon']],
    ['executors/hotpatch', ['executors/pipeline', 'executors/session', 'executors/tasks', 'native/addon']],
  ])('%s imports no other room but %j', (room, allowed) => {
    const others = within(room).filter(({ to }) => !allowed.some((other) => isIn(to, other)));
    expect(others.map(show)).toEqual([]);
  });

  it('the plugin, which Nx loads for every command, loads nothing of the executors, and of the rest the addon', () => {
    const loaded = within('plugin').filter(({ typeOnly, to }) => !typeOnly && !isIn(to, 'native/addon'));
    expect(loaded.map(show)).toEqual([]);
  });

  it('no stage imports a later one, but for the type of what it takes', () => {
    const stages = ['capture', 'compile', 'diff', 'link', 'load', 'apply'];
    const stageOf = (file: string) =>
      stages.indexOf(/^executors\/pipeline\/(\w+)(?:\/|\.ts)/.exec(file)?.[1] ?? '');
    const backwards = all.filter(({ from, to }) => stageOf(from) >= 0 && stageOf(to) > stageOf(from));
    expect(backwards.map(show)).toEqual([]);
  });
});

describe('Node-API', () => {
  it('is known to native/addon/binding.cc alone', () => {
    const sources = filesIn('native').filter((file) => /\.(cc|cpp|c|h|hpp|rs)$/.test(file));
    const knows = sources.filter((file) => /\bnapi\.h|node_api\.h|\bnapi_\w|\bNapi::/.test(read(file)));
    expect(knows).toEqual(['native/addon/binding.cc']);
  });
});

describe('borders between the modules of the engine', () => {
  const modulesUsed = (module: string) =>
    filesIn('native/engine/src')
      .filter((file) => file.endsWith('.rs') && !isTest(file))
      .filter((file) => file.startsWith(`native/engine/src/${module}/`) || file.endsWith(`src/${module}.rs`))
      .flatMap((file) => [...read(file).matchAll(/\bcrate::(\w+)/g)].map((match) => match[1]));

  it.each([
    ['arch', ['arch']],
    ['format', ['format', 'arch']],
    ['layout', ['layout', 'format', 'arch']],
    ['diff', ['diff', 'layout', 'format', 'arch', 'index', 'live', 'reason']],
    ['history', ['history', 'diff', 'arch', 'live', 'reason']],
    ['link', ['link', 'history', 'diff', 'layout', 'format', 'arch', 'index', 'live', 'reason']],
  ])('%s uses nothing that builds on it', (module, allowed) => {
    const others = modulesUsed(module).filter((used) => used === undefined || !allowed.includes(used));
    expect(others).toEqual([]);
  });
});
