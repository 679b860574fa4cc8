//! A root of its own: all that the real one has, and some folders once more.

use std::fs;
use std::os::unix::fs::{symlink, MetadataExt};
use std::path::{Path, PathBuf};

use nix::mount::{mount, MsFlags};
use nix::sched::{unshare, CloneFlags};
use nix::unistd::{chroot, getgid, getuid};

pub struct Namespace {
    pub mountpoint: PathBuf,
    /// Each folder, and the path at which it is to lie too.
    pub folders: Vec<(PathBuf, PathBuf)>,
}

impl Namespace {
    /// The same folder below the path of the one that it is in; others stay what they are.
    pub fn seen_from_inside(&self, folder: PathBuf) -> PathBuf {
        let below =
            |(from, to): &(PathBuf, PathBuf)| Some(to.join(folder.strip_prefix(from).ok()?));
        self.folders.iter().find_map(below).unwrap_or(folder)
    }

    /// Whether this process is in such a namespace already.
    pub fn is_inside(&self) -> bool {
        let identity = |path| {
            fs::metadata(path)
                .map(|found| (found.dev(), found.ino()))
                .ok()
        };
        self.folders
            .iter()
            .all(|(from, to)| identity(to).is_some_and(|found| identity(from) == Some(found)))
    }

    /// Moves this process, and what it becomes, into the namespace. Its working folder is to be set after that.
    ///
    /// # Errors
    /// One sentence when the system does not allow it.
    pub fn enter(&self) -> Result<(), String> {
        separate()?;
        // Nothing that is mounted from here on is seen outside.
        attach(
            None,
            Path::new("/"),
            None,
            MsFlags::MS_REC | MsFlags::MS_PRIVATE,
        )?;
        let root = &self.mountpoint;
        attach(None, root, Some("tmpfs"), MsFlags::empty())?;
        // The new root lies below one of the folders that are bound into it, and must not be bound with it.
        attach(None, root, None, MsFlags::MS_UNBINDABLE)?;
        furnish(root)?;
        for (from, to) in &self.folders {
            let to = inside(root, to);
            fs::create_dir_all(&to).map_err(|error| at(&to, &error))?;
            attach(Some(from), &to, None, MsFlags::MS_BIND | MsFlags::MS_REC)?;
        }
        chroot(root).map_err(|error| at(root, &error))
    }
}

/// A mount namespace needs a privilege; a user namespace of our own, where we stay who we are, has it.
fn separate() -> Result<(), String> {
    if unshare(CloneFlags::CLONE_NEWNS).is_ok() {
        return Ok(());
    }
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
        .map_err(|error| format!("no mount namespace can be made: {}", error.desc()))?;
    let write = |file: &str, text: String| {
        fs::write(file, text).map_err(|error| at(Path::new(file), &error))
    };
    // user_namespaces(7): without this an unprivileged process may not map groups.
    write("/proc/self/setgroups", "deny".to_owned())?;
    write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    write("/proc/self/gid_map", format!("{group} {group} 1"))
}

/// Binds every folder of the real root, and repeats its links (`/bin` is one).
fn furnish(root: &Path) -> Result<(), String> {
    for entry in fs::read_dir("/")
        .map_err(|error| at(Path::new("/"), &error))?
        .flatten()
    {
        let (from, to) = (entry.path(), root.join(entry.file_name()));
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_symlink() {
            if let Ok(target) = fs::read_link(&from) {
                symlink(target, &to).map_err(|error| at(&to, &error))?;
            }
        } else if kind.is_dir() {
            fs::create_dir(&to).map_err(|error| at(&to, &error))?;
            attach(Some(&from), &to, None, MsFlags::MS_BIND | MsFlags::MS_REC)?;
        }
    }
    Ok(())
}

fn attach(
    from: Option<&Path>,
    to: &Path,
    kind: Option<&str>,
    flags: MsFlags,
) -> Result<(), String> {
    mount(from, to, kind, flags, None::<&str>).map_err(|error| at(to, &error))
}

fn inside(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

fn at(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}
