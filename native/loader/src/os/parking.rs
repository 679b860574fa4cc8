//! The parking file: code that nothing can reach any more, outside of memory, and still there for a thread that waits in
//! the kernel with an address that nobody could see.
use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::memory::Protection;

/// A file without a name, with holes where nothing is parked. It is gone when the last mapping and descriptor is.
#[derive(Debug)]
pub struct ParkingFile(i32);

impl ParkingFile {
    /// Makes one in `folder`.
    pub fn make(folder: &Path) -> io::Result<Self> {
        let path = CString::new(folder.as_os_str().as_bytes())?;
        let flags = libc::O_TMPFILE | libc::O_RDWR | libc::O_CLOEXEC;
        // SAFETY: a valid C string.
        let descriptor = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
        if descriptor >= 0 {
            return Ok(Self(descriptor));
        }
        match io::Error::last_os_error() {
            // A file system without O_TMPFILE, such as overlayfs of older kernels and NFS.
            error if error.raw_os_error() == Some(libc::EOPNOTSUPP) => {
                Self::make_and_unlink(folder)
            }
            error => Err(error),
        }
    }

    fn make_and_unlink(folder: &Path) -> io::Result<Self> {
        let name = format!("parking-{}-{}", std::process::id(), super::thread::id());
        let path = CString::new(folder.join(name).as_os_str().as_bytes())?;
        let flags =
            libc::O_CREAT | libc::O_EXCL | libc::O_RDWR | libc::O_CLOEXEC | libc::O_NOFOLLOW;
        // SAFETY: a valid C string.
        let descriptor = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        let file = Self(descriptor);
        // SAFETY: as above; the file is the one that was just made.
        if unsafe { libc::unlink(path.as_ptr()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(file)
    }

    /// Writes all of `bytes` at `offset`, and waits until they are on their way to the disk: from then on the memory
    /// that holds them can be taken for something else, and a full disk has been noticed.
    pub fn write(&self, bytes: &[u8], offset: usize) -> io::Result<()> {
        let mut written = 0;
        while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
            let at = (offset + written) as libc::off_t;
            // SAFETY: the slice is valid for the call.
            let count = unsafe { libc::pwrite(self.0, rest.as_ptr().cast(), rest.len(), at) };
            match usize::try_from(count) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(_) => match io::Error::last_os_error() {
                    error if error.kind() == io::ErrorKind::Interrupted => {}
                    error => return Err(error),
                },
            }
        }
        let flags = libc::SYNC_FILE_RANGE_WAIT_BEFORE
            | libc::SYNC_FILE_RANGE_WRITE
            | libc::SYNC_FILE_RANGE_WAIT_AFTER;
        let (offset, size) = (offset as libc::off64_t, bytes.len() as libc::off64_t);
        // SAFETY: no memory is passed.
        let result = unsafe { libc::sync_file_range(self.0, offset, size, flags) };
        match result {
            0 => Ok(()),
            _ => match io::Error::last_os_error() {
                // Not every file system can; then it is written when the kernel sees fit.
                error
                    if matches!(
                        error.raw_os_error(),
                        Some(libc::ESPIPE | libc::EINVAL | libc::ENOSYS)
                    ) =>
                {
                    Ok(())
                }
                error => Err(error),
            },
        }
    }

    /// Maps `size` bytes at `offset` of the file in place of what is at `start`.
    ///
    /// # Safety
    /// The range is a part of the window, whole pages, and the file has the contents that belong there.
    pub unsafe fn map_over(
        &self,
        start: usize,
        size: usize,
        protection: Protection,
        offset: usize,
    ) -> io::Result<()> {
        let flags = libc::MAP_PRIVATE | libc::MAP_FIXED;
        let place = start as *mut libc::c_void;
        // SAFETY: the caller's promise.
        let got = unsafe {
            libc::mmap(
                place,
                size,
                protection.bits(),
                flags,
                self.0,
                offset as libc::off_t,
            )
        };
        if got == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }
}

impl Drop for ParkingFile {
    fn drop(&mut self) {
        // SAFETY: opened by `make`, closed nowhere else.
        unsafe { libc::close(self.0) };
    }
}
