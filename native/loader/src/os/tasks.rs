//! The process's threads, from /proc/self/task. Nothing here allocates: it is read while threads of the program are
//! being held, and one of those may hold the lock of the allocator.
use std::ffi::CStr;
use std::io::{self, Write};

const TASKS: &CStr = c"/proc/self/task";

/// The open folder /proc/self/task.
pub struct Tasks(i32);

impl Tasks {
    pub fn open() -> io::Result<Self> {
        let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
        // SAFETY: a valid C string.
        match unsafe { libc::open(TASKS.as_ptr(), flags) } {
            -1 => Err(io::Error::last_os_error()),
            descriptor => Ok(Self(descriptor)),
        }
    }

    /// Calls `each` with every thread's id. A thread that is born meanwhile may be missing: list until no new one comes.
    pub fn list(&self, mut each: impl FnMut(i32)) -> io::Result<()> {
        // SAFETY: our own descriptor.
        if unsafe { libc::lseek(self.0, 0, libc::SEEK_SET) } < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut buffer = [0u8; 4096];
        loop {
            // SAFETY: the kernel writes at most the buffer's length.
            let read = unsafe {
                libc::syscall(
                    libc::SYS_getdents64,
                    self.0,
                    buffer.as_mut_ptr(),
                    buffer.len(),
                )
            };
            let Ok(read) = usize::try_from(read) else {
                return Err(io::Error::last_os_error());
            };
            if read == 0 {
                return Ok(());
            }
            entries(buffer.get(..read).unwrap_or_default(), &mut each);
        }
    }

    /// Whether thread `tid` has not ended.
    pub fn is_alive(&self, tid: i32) -> bool {
        self.read(tid, "comm", &mut [0; 1]).is_some()
    }

    /// Whether there is no thread `tid` any more, for certain: nothing needs to be opened to find that out.
    pub fn has_ended(&self, tid: i32) -> bool {
        let mut path = [0u8; 16];
        if write!(path.as_mut_slice(), "{tid}\0").is_err() {
            return false;
        }
        // SAFETY: `path` is ended by the zero written last.
        let found = unsafe { libc::faccessat(self.0, path.as_ptr().cast(), libc::F_OK, 0) };
        found != 0 && io::Error::last_os_error().raw_os_error() == Some(libc::ENOENT)
    }

    /// Opens `file` of thread `tid`, to be read again and again. None when the thread is gone.
    pub fn open_file(&self, tid: i32, file: &str) -> Option<TaskFile> {
        let mut path = [0u8; 64];
        write!(path.as_mut_slice(), "{tid}/{file}\0").ok()?;
        // SAFETY: `path` is ended by the zero written last.
        let descriptor = unsafe {
            libc::openat(
                self.0,
                path.as_ptr().cast(),
                libc::O_RDONLY | libc::O_CLOEXEC,
            )
        };
        (descriptor >= 0).then_some(TaskFile(descriptor))
    }

    /// Reads `file` of thread `tid` into `buffer`. None when the thread is gone.
    pub fn read<'b>(&self, tid: i32, file: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        self.open_file(tid, file)?.read(buffer)
    }
}

/// An open file of one thread. What it says is made anew at each reading from the start (seq_file), and reading it takes
/// a fraction of what opening it takes.
pub struct TaskFile(i32);

impl TaskFile {
    /// None when the thread is gone.
    pub fn read<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        // SAFETY: the kernel writes at most the buffer's length; the descriptor is ours.
        let read = unsafe { libc::pread(self.0, buffer.as_mut_ptr().cast(), buffer.len(), 0) };
        buffer.get(..usize::try_from(read).ok()?)
    }
}

impl Drop for TaskFile {
    fn drop(&mut self) {
        // SAFETY: opened by `open_file`, closed nowhere else.
        unsafe { libc::close(self.0) };
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        // SAFETY: opened by `open`, closed nowhere else.
        unsafe { libc::close(self.0) };
    }
}

/// getdents64(2): u64 inode, u64 offset, u16 length of the record, u8 type, name ended by a zero.
fn entries(mut records: &[u8], each: &mut impl FnMut(i32)) {
    while let Some((head, _)) = records.split_first_chunk::<19>() {
        let [.., low, high, _] = *head;
        let length = usize::from(u16::from_le_bytes([low, high]));
        let name = records.get(19..length).unwrap_or_default();
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        if let Some(tid) = std::str::from_utf8(name)
            .ok()
            .and_then(|name| name.parse().ok())
        {
            each(tid);
        }
        records = records.get(length.max(1)..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thread_is_listed_and_can_be_read() {
        let (send, receive) = std::sync::mpsc::channel();
        let (end, wait) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            send.send(crate::os::thread::id()).unwrap();
            wait.recv().unwrap_err();
        });
        let other = receive.recv().unwrap();
        let tasks = Tasks::open().unwrap();
        let mut seen = Vec::new();
        tasks.list(|tid| seen.push(tid)).unwrap();
        assert!(seen.contains(&other) && seen.contains(&crate::os::thread::id()));
        let mut buffer = [0; 64];
        assert!(!tasks.read(other, "comm", &mut buffer).unwrap().is_empty());
        assert!(!tasks.has_ended(other) && tasks.has_ended(i32::MAX));
        drop(end);
        thread.join().unwrap();
    }
}
