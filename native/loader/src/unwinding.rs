//! Which calls a held thread is in, exactly, by the unwind tables of the modules that its code is from.
//!
//! A word on a stack that looks like a return address may be one of a call that has ended: frames have room that nobody
//! has written since. Here only those count that the thread will return to. Unwind tables of compilers and of the C library hold
//! at every instruction (`-fasynchronous-unwind-tables`, rustc's `uwtable`), so a thread can be unwound from wherever the
//! signal has found it.
//!
//! Whatever is not plain ends it: code without tables or of a module that came later, an expression in place of a rule, a handler of a
//! signal, a patch. Then nothing is said of that thread ([`Lost`]), and its stack is looked at word by word.
//!
//! The tables are copied before the threads are held, and nothing here allocates after that.
#![forbid(unsafe_code)]

use gimli::{
    BaseAddresses, CfaRule, EhFrame, EhFrameHdr, EndianSlice, LittleEndian, Pointer, ReaderOffset,
    Register, RegisterRule, UnwindContext, UnwindContextStorage, UnwindSection, UnwindTableRow,
};

use crate::arch::{CONTEXT_REGISTERS, KEPT, RETURN_ADDRESS, STACK_POINTER};
use crate::os::modules::{self, Unwindable};
use crate::os::remote;

/// More calls than anybody is in.
const DEPTH: usize = 1 << 20;
const WORD: usize = 8;
const COUNT: usize = CONTEXT_REGISTERS.len();

/// It cannot be told which calls the thread is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

type Registers = [Option<usize>; COUNT];
type Slice<'t> = EndianSlice<'t, LittleEndian>;

/// Room for the rules of a function, in place.
struct InPlace;

impl<T: ReaderOffset> UnwindContextStorage<T> for InPlace {
    type Rules = [(Register, RegisterRule<T>); 32];
    type Stack = [UnwindTableRow<T, Self>; 4];
}

/// The unwind tables of a module, as they were when it was copied.
struct Tables {
    module: Unwindable,
    frames: usize,
    /// From the lower of header and frames to the end of their segment.
    first: usize,
    bytes: Vec<u8>,
}

pub struct Unwinder {
    all: Vec<Tables>,
    context: Box<UnwindContext<usize, InPlace>>,
}

impl Unwinder {
    /// Copies the tables of all loaded modules. Those of which they cannot be read are left out.
    pub fn prepare() -> Self {
        let modules = modules::unwindable();
        Self {
            all: modules.into_iter().filter_map(Tables::copy).collect(),
            context: Box::new(UnwindContext::new_in()),
        }
    }

    /// Memory that holds copies of the program's, for who looks through all of it.
    pub fn memory(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let all = self.all.iter().map(|tables| tables.bytes.as_ptr_range());
        all.map(|range| (range.start as usize, range.end as usize))
    }

    /// Goes through the calls that a thread is in, held by a signal, by the `ucontext_t` of that, innermost first. `each` gets
    /// the pc, or the return address less one, which lies in the call; it says whether to go on. Gives the end of the
    /// stack that the calls take; `None` when `each` has ended it.
    pub fn walk(
        &mut self,
        context: usize,
        mut each: impl FnMut(usize) -> bool,
    ) -> Result<Option<usize>, Lost> {
        let mut registers: Registers = [None; COUNT];
        for (register, place) in registers.iter_mut().zip(CONTEXT_REGISTERS) {
            *register = Some(word(context.checked_add(place).ok_or(Lost)?)?);
        }
        let mut pc = value(&registers, RETURN_ADDRESS)?;
        for _ in 0..DEPTH {
            if !each(pc) {
                return Ok(None);
            }
            let before = value(&registers, STACK_POINTER)?;
            let is_last = self.leave(pc, &mut registers)?;
            let after = value(&registers, STACK_POINTER)?;
            // The stack grows down: who called stands higher.
            if after <= before {
                return Err(Lost);
            }
            if is_last {
                return Ok(Some(after));
            }
            let back = value(&registers, RETURN_ADDRESS)?;
            pc = back.checked_sub(1).ok_or(Lost)?;
        }
        Err(Lost)
    }

    /// The registers as the caller of the function at `pc` has them; true when it has none.
    fn leave(&mut self, pc: usize, registers: &mut Registers) -> Result<bool, Lost> {
        let Self { all, context } = self;
        let is_in = |tables: &&Tables| (tables.module.start..tables.module.end).contains(&pc);
        let tables = all.iter().find(is_in).ok_or(Lost)?;
        let row = tables.row(pc, context)?;
        let CfaRule::RegisterAndOffset { register, offset } = *row.cfa() else {
            return Err(Lost);
        };
        let base = value(registers, usize::from(register.0))?;
        let cfa = add(base, offset)?;
        let mut callers: Registers = [None; COUNT];
        for kept in KEPT {
            if let (Some(to), Some(from)) = (callers.get_mut(kept), registers.get(kept)) {
                *to = *from;
            }
        }
        let mut is_last = false;
        for (register, rule) in row.registers() {
            let number = usize::from(register.0);
            let found = match *rule {
                RegisterRule::Undefined if number == RETURN_ADDRESS => {
                    is_last = true;
                    None
                }
                RegisterRule::Undefined => None,
                RegisterRule::SameValue => registers.get(number).copied().flatten(),
                RegisterRule::Offset(offset) => Some(word(add(cfa, offset)?)?),
                RegisterRule::ValOffset(offset) => Some(add(cfa, offset)?),
                RegisterRule::Register(other) => {
                    registers.get(usize::from(other.0)).copied().flatten()
                }
                _ => return Err(Lost),
            };
            // Vector registers hold nothing that leads on.
            if let Some(to) = callers.get_mut(number) {
                *to = found;
            }
        }
        if let Some(sp) = callers.get_mut(STACK_POINTER) {
            *sp = Some(cfa);
        }
        *registers = callers;
        Ok(is_last)
    }
}

impl Tables {
    fn copy(module: Unwindable) -> Option<Self> {
        let header = copied(module.header, module.segment.1)?;
        let bases = BaseAddresses::default().set_eh_frame_hdr(module.header as u64);
        let parsed = EhFrameHdr::new(&header, LittleEndian)
            .parse(&bases, 8)
            .ok()?;
        let Pointer::Direct(frames) = parsed.eh_frame_ptr() else {
            return None;
        };
        let frames = usize::try_from(frames).ok()?;
        let (start, end) = module.segment;
        if !(start..end).contains(&frames) {
            return None;
        }
        let first = frames.min(module.header);
        Some(Self {
            module,
            frames,
            first,
            bytes: copied(first, end)?,
        })
    }

    fn section(&self, start: usize) -> Slice<'_> {
        let from = start.checked_sub(self.first);
        let bytes = from.and_then(|from| self.bytes.get(from..));
        EndianSlice::new(bytes.unwrap_or_default(), LittleEndian)
    }

    /// How the function at `pc` is left there.
    fn row<'c>(
        &self,
        pc: usize,
        context: &'c mut UnwindContext<usize, InPlace>,
    ) -> Result<&'c UnwindTableRow<usize, InPlace>, Lost> {
        let bases = BaseAddresses::default()
            .set_eh_frame_hdr(self.module.header as u64)
            .set_eh_frame(self.frames as u64);
        let header = EhFrameHdr::from(self.section(self.module.header));
        let frames = EhFrame::from(self.section(self.frames));
        let header = header.parse(&bases, 8).map_err(|_| Lost)?;
        let table = header.table().ok_or(Lost)?;
        let cie =
            |frames: &EhFrame<_>, bases: &BaseAddresses, at| frames.cie_from_offset(bases, at);
        let function = table
            .fde_for_address(&frames, &bases, pc as u64, cie)
            .map_err(|_| Lost)?;
        if function.is_signal_trampoline() {
            return Err(Lost);
        }
        function
            .unwind_info_for_address(&frames, &bases, context, pc as u64)
            .map_err(|_| Lost)
    }
}

fn copied(start: usize, end: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; end.checked_sub(start)?];
    // What lies behind the tables may not be there.
    let read = remote::read(start, &mut bytes);
    bytes.truncate(read);
    Some(bytes)
}

fn value(registers: &Registers, number: usize) -> Result<usize, Lost> {
    registers.get(number).copied().flatten().ok_or(Lost)
}

fn add(base: usize, offset: i64) -> Result<usize, Lost> {
    let offset = isize::try_from(offset).map_err(|_| Lost)?;
    base.checked_add_signed(offset).ok_or(Lost)
}

fn word(at: usize) -> Result<usize, Lost> {
    let mut word = [0; WORD];
    match remote::read(at, &mut word) {
        WORD => Ok(usize::from_le_bytes(word)),
        _ => Err(Lost),
    }
}
