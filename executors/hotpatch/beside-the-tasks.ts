import type { ExecutorContext, TargetConfiguration } from '@nx/devkit';
import type { CaptureRequest } from '../pipeline/artifacts';
import { OTHER_PROFILE } from '../tasks/other-profile';

const IMAGE = 'nx-hotpatch:image';

type Asked = Pick<CaptureRequest, 'profile' | 'features' | 'allFeatures' | 'noDefaultFeatures' | 'cargoArgs'>;

/**
 * What to say when a session asks for another build than the tasks before it made: Nx chooses tasks by configurations and
 * never by options. Undefined when it is the same one, or there were no tasks.
 */
export function besideTheTasks(
  asked: Asked,
  {
    projectName = '',
    targetName = '',
    configurationName,
    projectsConfigurations: { projects },
    taskGraph,
  }: Pick<
    ExecutorContext,
    'projectName' | 'targetName' | 'configurationName' | 'projectsConfigurations' | 'taskGraph'
  >,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const targets = projects[projectName]?.targets ?? {};
  const [name, image] = Object.entries(targets).find(([, { executor }]) => executor === IMAGE) ?? [];
  const ran = Object.values(taskGraph?.tasks ?? {}).some(
    ({ target }) => target.project === projectName && target.target === name,
  );
  if (image === undefined || !ran) return undefined;
  const made = optionsOf(image, configurationName);
  const command = `nx run ${projectName}:${targetName}`;
  const without = `\`${command} --excludeTaskDependencies\` leaves them out`;
  const others = buildOf(asked) !== buildOf(made);
  if (!others && made.profile === asked.profile) return undefined;
  const done =
    env[OTHER_PROFILE] === asked.profile
      ? `the tasks make ${made.profile}, and did nothing`
      : `the tasks have built ${made.profile}${others ? ' without these options' : ''}, for nothing`;
  const fitting = Object.keys(image.configurations ?? {}).find(
    (configuration) => optionsOf(image, configuration).profile === asked.profile,
  );
  if (others || fitting === undefined) return `${done}: ${without}`;
  return `${done}: \`${command}:${fitting}\` takes ${asked.profile} from the cache`;
}

function optionsOf({ options, configurations }: TargetConfiguration, configuration?: string): Asked {
  return { ...options, ...(configuration === undefined ? {} : configurations?.[configuration]) };
}

/** Without the profile. */
function buildOf({ features, allFeatures, noDefaultFeatures, cargoArgs }: Asked): string {
  return JSON.stringify([
    [...(features ?? [])].sort(),
    allFeatures ?? false,
    noDefaultFeatures ?? false,
    cargoArgs ?? [],
  ]);
}
