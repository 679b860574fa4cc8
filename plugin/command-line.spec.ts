import { namedTask } from './command-line';

const named = (line: string) => namedTask(['node', 'nx', ...line.split(' ')]);
const release = { project: 'app', target: 'hotpatch', configuration: 'release' };

describe('the task that a command line names with a configuration', () => {
  it.each([
    'run app:hotpatch:release',
    'run app:hotpatch -c release',
    'run app:hotpatch -c=release --port=80',
    'run --configuration=release --verbose app:hotpatch',
    'run app:hotpatch:dev --configuration release',
    'hotpatch app --configuration=release',
  ])('%s', (line) => {
    expect(named(line)).toEqual(release);
  });

  it('may be of a project with colons in its name', () => {
    expect(named('run @shop/a:b:hotpatch-image:quick')).toEqual({
      project: '@shop/a:b',
      target: 'hotpatch-image',
      configuration: 'quick',
    });
  });

  it.each([
    'run app:hotpatch',
    'run app:build:release',
    'run app:hotpatch -- -c release',
    'run-many -t hotpatch -c release',
    'affected -t hotpatch-image -c release',
    'hotpatch app',
  ])('none in %s', (line) => {
    expect(named(line)).toBeUndefined();
  });
});
