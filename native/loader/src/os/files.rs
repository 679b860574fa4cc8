//! Files without names: contents that are in memory only while they are looked at.
use std::ffi::CString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::FromRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A file without a name (open(2), O_TMPFILE) that holds `bytes`.
pub fn unlinked(bytes: &[u8], folder: &Path) -> io::Result<File> {
    let folder = CString::new(folder.as_os_str().as_bytes())?;
    let flags = libc::O_TMPFILE | libc::O_RDWR | libc::O_CLOEXEC;
    // SAFETY: a valid C string; the descriptor belongs to the file alone.
    let mut file = unsafe {
        match libc::open(folder.as_ptr(), flags, 0o600) {
            -1 => return Err(io::Error::last_os_error()),
            descriptor => File::from_raw_fd(descriptor),
        }
    };
    file.write_all(bytes)?;
    Ok(file)
}
