//! Why a patch is not applied, as the user reads it.
#![forbid(unsafe_code)]

use crate::protocol::messages::Reason;

/// What ends a patch: one reason, said in one sentence.
pub type Refusal = Box<Reason>;

fn refusal(code: &str, subject: &str, message: String, remedy: &str) -> Refusal {
    Box::new(Reason {
        code: code.into(),
        subject: subject.into(),
        message,
        remedy: remedy.into(),
    })
}

const RESTART: &str = "Restart the program.";
const REPORT: &str = "Restart the program, and report the patch file as a defect of nx-hotpatch.";

pub fn corrupt(what: impl std::fmt::Display) -> Refusal {
    refusal(
        "corrupt-patch",
        "patch image",
        format!("The patch image cannot be used: {what}."),
        REPORT,
    )
}

pub fn foreign(subject: &str, what: impl std::fmt::Display) -> Refusal {
    refusal(
        "foreign-image",
        subject,
        format!("The patch was made for another program: {what}."),
        "Build and start the program again.",
    )
}

pub fn unresolved(symbol: &str) -> Refusal {
    refusal(
        "unresolved-symbol",
        symbol,
        format!("The patch needs `{symbol}`, which no library of the running program defines."),
        "Restart the program, so that the library that defines it is loaded.",
    )
}

pub fn address_range(what: impl std::fmt::Display) -> Refusal {
    refusal(
        "address-range-taken",
        "patch window",
        format!("There is no room for the patch within reach of the program: {what}."),
        RESTART,
    )
}

pub fn memory(what: &str, error: &std::io::Error) -> Refusal {
    refusal(
        "protected-memory",
        what,
        format!("The system does not let the loader change {what}: {error}."),
        "Allow memory that is written and then executed (SELinux execmem, seccomp), or restart the program.",
    )
}

pub fn blocks_signals(who: &str) -> Refusal {
    refusal(
        "thread-blocks-signals",
        who,
        format!("{who} blocks SIGTRAP, so it could not be held at the entry of a function while that is replaced."),
        "Save again when the thread is past it, or restart the program.",
    )
}

pub fn cannot_be_held(who: &str, signal: i32) -> Refusal {
    refusal(
        "thread-blocks-signals",
        who,
        format!(
            "{who} blocks signal {signal}, by which it would be held while the patch is applied."
        ),
        "Save again when the thread is past it, or restart the program.",
    )
}

/// Values of a layout that the patch changes may be alive. `sentence` says what shows it.
pub fn old_values(subject: &str, sentence: String) -> Refusal {
    refusal(
        "old-values",
        subject,
        sentence,
        "Save again when it has ended, or restart the program.",
    )
}

/// Whether there are such values could not be found out.
pub fn not_searched(why: impl std::fmt::Display) -> Refusal {
    refusal(
        "old-values",
        "the program's memory",
        format!("Whether values of the old layout are alive could not be found out: {why}."),
        "Save again, or restart the program.",
    )
}

pub fn not_parked(thread: &str) -> Refusal {
    refusal(
        "thread-not-parked",
        thread,
        format!("{thread} could not be seen outside of the functions to be replaced within two seconds."),
        "Save again, or restart the program.",
    )
}

pub fn breakpoint(function: &str) -> Refusal {
    refusal(
        "debugger-breakpoint",
        function,
        format!("A debugger has a breakpoint in the first bytes of `{function}`, where the patch must write."),
        "Delete the breakpoint in the debugger, let the program go on and save again; from then on it can have one.",
    )
}

pub fn thread_locals(what: impl std::fmt::Display) -> Refusal {
    refusal(
        "thread-locals",
        "new thread-locals",
        format!("The patch's new thread-locals cannot be given to every thread: {what}."),
        RESTART,
    )
}

pub fn no_static_block(library: &str) -> Refusal {
    refusal(
        "thread-locals",
        library,
        format!("The thread-locals of {library} are not at one place in every thread of its host."),
        "Build it again through this session.",
    )
}

pub fn loaded_twice(library: &str) -> Refusal {
    refusal(
        "library-loaded-twice",
        library,
        format!("The process has a second copy of {library} in memory, which a patch would leave as it is."),
        "Let the host load it from one file, and restart it.",
    )
}

pub fn undo_order(patch: u32, newest: Option<u32>) -> Refusal {
    let newest = newest.map_or("there is none".into(), |newest| {
        format!("that is patch {newest}")
    });
    refusal(
        "undo-order",
        &format!("patch {patch}"),
        format!("Only the newest live patch can be undone, and {newest}."),
        RESTART,
    )
}

pub fn version(theirs: u32, ours: u32) -> Refusal {
    refusal(
        "version",
        "protocol",
        format!(
            "The session speaks protocol {theirs} and the loader in the program protocol {ours}."
        ),
        "Build and start the program again, so that both are of one nx-hotpatch version.",
    )
}

pub fn stranger(what: &str) -> Refusal {
    refusal(
        "stranger",
        "session",
        format!("The session is not the one that started the program: {what}."),
        "Start the program with `nx run <project>:hotpatch`.",
    )
}
