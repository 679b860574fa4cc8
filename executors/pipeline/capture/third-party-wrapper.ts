/**
 * cargo's `RUSTC_WRAPPER` during a capture whose store was made with another cargo home, started as
 * `third-party-wrapper <rustc> <arguments>` for every crate from elsewhere: takes it from the store, or lets it be compiled.
 */
import { placesOf } from '../store/portable';
import { serveThirdParty } from '../store/serve-third-party';
import { endAs, runChild } from './child';
import { readCrateArguments } from './crate-arguments';
import { RUN_FILE, readRun, USER_RUSTC_WRAPPER } from './run';
import { endClearly } from './wrapper-failure';

const command = process.argv.slice(2);
const runFile = process.env[RUN_FILE] ?? '';
endClearly(runFile);
const { thirdParty, samePath, targetDir, toolchain } = readRun(runFile);
const crate = readCrateArguments(command.slice(1), process.env);
if (crate && thirdParty !== null && samePath) {
  const places = placesOf(samePath.folder, toolchain, process.env);
  if (serveThirdParty(crate, process.env, { folder: thirdParty, targetDir, places, toolchain }))
    process.exit(0);
}
const wrapper = process.env[USER_RUSTC_WRAPPER];
endAs(runChild(wrapper === undefined ? command : [wrapper, ...command], process.env));
