//! The Crashed frame, made in the handler of a fatal signal: nothing allocates, and memory that may be broken is read
//! through the kernel.
use std::fmt::{self, Write};

use super::memory::PAGE;
use super::remote;
use crate::arch::Context;
use crate::protocol::frame::CRASHED;

/// Bytes of the stack that are sent at most.
const STACK: usize = 64 << 10;
/// Room for the JSON, which is about 700 bytes.
const JSON: usize = 4 << 10;
/// `u32 length`, `u8 type`, `u32 jsonLength`.
const HEAD: usize = 9;

/// What the handler knows beside the registers.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    pub signal: i32,
    pub code: i32,
    pub pid: i32,
    pub tid: i32,
    pub address: usize,
    /// prctl(2), PR_GET_NAME.
    pub thread: [u8; 16],
}

pub struct Frame {
    bytes: [u8; HEAD + JSON + STACK],
    length: usize,
}

impl Frame {
    pub const fn empty() -> Self {
        Self {
            bytes: [0; HEAD + JSON + STACK],
            length: 0,
        }
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The signal was another, and what it led to is SIGABRT. JSON allows the space.
    pub fn call_it_an_abort(&mut self) {
        const BEFORE: usize = "{\"signal\":".len();
        let digits = self.bytes.get_mut(HEAD + BEFORE..HEAD + BEFORE + 2);
        match digits {
            Some([tens, ones]) if ones.is_ascii_digit() => (*tens, *ones) = (b' ', b'6'),
            Some([ones, _]) => *ones = b'6',
            _ => {}
        }
    }

    /// The form is that of [`crate::protocol::crash::Crash`]; a test compares the two.
    pub fn fill(&mut self, facts: &Facts, context: &Context<'_>) {
        let mut json = Json {
            bytes: self.bytes.get_mut(HEAD..HEAD + JSON).unwrap_or_default(),
            length: 0,
        };
        // What does not fit is cut off; it fits.
        let _ = json.crash(facts, context);
        let json = json.length;
        let stack = self.bytes.get_mut(HEAD + json..HEAD + json + STACK);
        let stack = read_stack(context.sp(), stack.unwrap_or_default());
        self.length = HEAD + json + stack;
        let frame = ((self.length - 4) as u32).to_le_bytes();
        let json = (json as u32).to_le_bytes();
        let head = [&frame, [CRASHED].as_slice(), &json].into_iter().flatten();
        for (to, from) in self.bytes.iter_mut().zip(head) {
            *to = *from;
        }
    }
}

/// Bytes from `sp` upwards; gives their number. After an overflow `sp` lies below the stack: zeros up to where that begins.
fn read_stack(sp: usize, into: &mut [u8]) -> usize {
    let mut start = 0;
    while let Some(rest) = into.get_mut(start..).filter(|rest| !rest.is_empty()) {
        match remote::read(sp + start, rest) {
            0 => {
                let page = PAGE - (sp + start) % PAGE;
                rest.iter_mut().take(page).for_each(|byte| *byte = 0);
                start += page;
            }
            read => return start + read,
        }
    }
    0
}

struct Json<'a> {
    bytes: &'a mut [u8],
    length: usize,
}

impl Json<'_> {
    fn crash(&mut self, facts: &Facts, context: &Context<'_>) -> fmt::Result {
        let Facts {
            signal,
            code,
            pid,
            tid,
            address,
            thread,
        } = facts;
        write!(
            self,
            "{{\"signal\":{signal},\"code\":{code},\"pid\":{pid},\"tid\":{tid},\"thread\":\""
        )?;
        for byte in thread.iter().take_while(|byte| **byte != 0) {
            let plain = (b' '..=b'~').contains(byte) && !matches!(byte, b'"' | b'\\');
            self.write_char(if plain { char::from(*byte) } else { '?' })?;
        }
        let (pc, sp) = (context.pc(), context.sp());
        write!(
            self,
            "\",\"pc\":\"{pc:#x}\",\"address\":\"{address:#x}\",\"sp\":\"{sp:#x}\",\"registers\":{{"
        )?;
        for (at, (name, value)) in context.named_registers().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(self, "{comma}\"{name}\":\"{value:#x}\"")?;
        }
        self.write_str("}}")
    }
}

impl Write for Json<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let to = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        to.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::frame::{encode_from_loader, from_loader, read_frame, LONGEST};
    use crate::protocol::messages::FromLoader;

    #[test]
    fn the_handlers_frame_is_what_the_protocol_says() {
        // SAFETY: all zero bits are a valid context.
        let mut raw: libc::ucontext_t = unsafe { std::mem::zeroed() };
        let stack = [7u64; 4];
        raw.uc_mcontext.gregs[libc::REG_RSP as usize] = stack.as_ptr() as i64;
        raw.uc_mcontext.gregs[libc::REG_RIP as usize] = 0x1234;
        raw.uc_mcontext.gregs[libc::REG_R15 as usize] = -1;
        // SAFETY: a context of this shape.
        let context = unsafe { Context::of_handler(std::ptr::from_mut(&mut raw).cast()) };
        let mut thread = [0; 16];
        thread[..4].copy_from_slice(b"a\"\xffb");
        let facts = Facts {
            signal: 11,
            code: -6,
            pid: 1,
            tid: 2,
            address: 16,
            thread,
        };
        let mut frame = Box::new(Frame::empty());
        frame.fill(&facts, &context);
        let (kind, payload) = read_frame(&mut frame.bytes(), LONGEST).unwrap();
        let message = from_loader(kind, &payload).unwrap();
        let FromLoader::Crashed { crash, stack: sent } = &message else {
            panic!("{message:?}")
        };
        assert_eq!((crash.thread.as_str(), crash.code), ("a??b", -6));
        assert_eq!((crash.pc.0, crash.registers.r15.0), (0x1234, u64::MAX));
        assert_eq!(sent[..32], [7, 0, 0, 0, 0, 0, 0, 0].repeat(4));
        assert_eq!(encode_from_loader(&message).unwrap(), frame.bytes());
        for signal in [11, 7] {
            frame.fill(&Facts { signal, ..facts }, &context);
            frame.call_it_an_abort();
            let (kind, payload) = read_frame(&mut frame.bytes(), LONGEST).unwrap();
            let FromLoader::Crashed { crash, .. } = from_loader(kind, &payload).unwrap() else {
                panic!("it is no Crashed")
            };
            assert_eq!((crash.signal, crash.code), (6, -6));
        }
    }
}
