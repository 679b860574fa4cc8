//! Who is at the other end of a Unix socket.
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

/// Whether the peer runs as the same user. Whoever may send patches may run code here, so this is asked of the kernel
/// (SO_PEERCRED, unix(7)) and not of the peer.
pub fn is_same_user(stream: &UnixStream) -> io::Result<bool> {
    let mut peer = libc::ucred {
        pid: 0,
        uid: 0,
        gid: 0,
    };
    let mut length = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: `peer` has room for `length` bytes.
    let answer = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            std::ptr::from_mut(&mut peer).cast(),
            &mut length,
        )
    };
    if answer != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: cannot fail.
    Ok(peer.uid == unsafe { libc::geteuid() })
}
