//! A patch from its frame to its answer: load, apply, keep; and undo.
#![forbid(unsafe_code)]

use std::time::{Duration, Instant};

use crate::apply::{ChangedOver, TakenBack, Transaction};
use crate::arch;
use crate::busy;
use crate::image::PatchImage;
use crate::load::LoadedPatch;
use crate::old_values::{self, Question};
use crate::process::{LivePatch, Process, State, STATE};
use crate::protocol::messages::{Address, Applied, Milliseconds, PatchId, RedirectedFunction};
use crate::refusal::{self, corrupt, Refusal};
use crate::thread_locals;

/// Milliseconds between attempts at a process that has, or may have, values of an old layout.
const PAUSES: [u64; 5] = [10, 20, 40, 80, 160];

/// Brings a patch to life. On a refusal the program is as it was.
pub fn apply(process: &Process, patch: u32, data: &[u8]) -> Result<Applied, Refusal> {
    let started = Instant::now();
    let image = PatchImage::read(data)?;
    if image.plan.patch != patch {
        return Err(corrupt(format!(
            "it is patch {}, announced as {patch}",
            image.plan.patch
        )));
    }
    if STATE.lock().live.iter().any(|live| live.id == patch) {
        return Err(corrupt(format!("patch {patch} is live already")));
    }
    let loaded = LoadedPatch::load(process, &image, data)?;
    let applying = Instant::now();
    if let Some(tls) = &image.plan.tls {
        thread_locals::give(tls, image.thread_local_image())?;
    }
    let territory = loaded.territory(process);
    let edits = loaded.edits.clone();
    let absent = old_values::absent(process, &image.plan, &territory)?;
    let place = loaded.place();
    let mut loaded = Some(loaded);
    let done = once_free(|| {
        let question = Question::before_apply(process, &absent, place);
        let transaction = Transaction::prepare(&edits, &territory, question)?;
        Ok(change_over(transaction, |state| {
            let memory = loaded.take().and_then(|loaded| loaded.keep(patch));
            state.memory.extend(memory);
            state.live.push(LivePatch {
                id: patch,
                edits: edits.clone(),
                absent: absent.clone(),
            });
        }))
    })?;
    let ms = Milliseconds {
        load: milliseconds(applying - started),
        apply: milliseconds(applying.elapsed()),
    };
    let functions = functions(&image, process);
    // Who is in code that is current from now on is not behind.
    let behind = functions.iter().filter(|f| f.old.0 != f.new.0).cloned();
    let behind: Vec<RedirectedFunction> = behind.collect();
    let busy = busy::functions(&behind, &edits, &territory, &done.checkpoint);
    Ok(Applied {
        patch,
        functions,
        ms,
        pause_us: done.pause_ns as f64 / 1000.0,
        bytes: data.len() as u64,
        busy,
    })
}

/// Takes the newest live patch back. Its code stays in memory, for threads that are in it.
pub fn undo(process: &Process, patch: u32) -> Result<PatchId, Refusal> {
    let (edits, territory, absent) = {
        let state = STATE.lock();
        match state.live.last() {
            Some(newest) if newest.id == patch => (
                newest.edits.reversed(),
                state.territory(&process.host),
                newest.absent.clone(),
            ),
            newest => return Err(refusal::undo_order(patch, newest.map(|newest| newest.id))),
        }
    };
    once_free(|| {
        let question = Question::before_undo(process, &absent, patch);
        let transaction = Transaction::prepare(&edits, &territory, question)?;
        Ok(change_over(transaction, |state| drop(state.live.pop())))
    })?;
    Ok(PatchId { patch })
}

/// Tries until nothing leads to old values, if that is only a matter of moments: a request ends, and with it its values.
/// The program runs on between the attempts.
fn once_free(
    mut attempt: impl FnMut() -> Result<Result<ChangedOver, Box<TakenBack>>, Refusal>,
) -> Result<ChangedOver, Refusal> {
    let mut pauses = PAUSES.into_iter();
    loop {
        let taken_back = match attempt()? {
            Ok(done) => return Ok(done),
            Err(taken_back) => taken_back,
        };
        match pauses.next().filter(|_| taken_back.may_pass()) {
            Some(pause) => std::thread::sleep(Duration::from_millis(pause)),
            None => return Err(taken_back.explain()),
        }
    }
}

/// Runs the transaction, and notes it in the state in one step as far as a fork can see: a child either has the patch
/// and knows, or has neither.
fn change_over(
    transaction: Transaction<'_>,
    note: impl FnOnce(&mut State),
) -> Result<ChangedOver, Box<TakenBack>> {
    let mut state = STATE.lock();
    let result = transaction.run();
    if result.is_ok() {
        note(&mut state);
    }
    // Says why only after the program may fork again.
    drop(state);
    result
}

fn functions(image: &PatchImage<'_>, process: &Process) -> Vec<RedirectedFunction> {
    let bias = process.host.bias as u64;
    let start = bias.wrapping_add_signed(image.plan.distance);
    let redirects = image.plan.redirects.iter().map(|redirect| {
        let old = bias.wrapping_add_signed(redirect.old);
        (&redirect.symbol, old, start.wrapping_add(redirect.new))
    });
    let restores = image.plan.restores.iter().map(|restore| {
        let at = bias.wrapping_add_signed(restore.at);
        let original = restore.original.first_chunk();
        let new = original.and_then(|bytes| arch::jump_target(at as usize, *bytes));
        (&restore.symbol, at, new.map_or(at, |new| new as u64))
    });
    redirects
        .chain(restores)
        .map(|(symbol, old, new)| RedirectedFunction {
            symbol: symbol.clone(),
            old: Address(old),
            new: Address(new),
        })
        .collect()
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}
