//! Whether the Rust files of a package are those of before, without reading any: the plugin asks it of every package each
//! time that Nx makes a graph, and thousands of stat calls from JavaScript take longer than all the rest of its work.
//!
//! The walk is that of `plugin/tasks/scan.ts`, or wider: a stamp must change whenever what that finds could.

use serde::Serialize;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Folders of a package in which cargo looks for targets by itself, and what it looks for in them; the build script lies
/// beside them. Cargo takes a link for any of these.
const SOURCE_FOLDERS: [(&[u8], &[u8]); 2] = [(b"src", b"bin"), (b"examples", b"")];

/// The names of a package's Rust files, and of each its inode, size and times.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceStamp {
    pub stamp: String,
    /// The latest of the times, in milliseconds since 1970: 0 when there are no files.
    pub newest: f64,
}

/// `folder` is the package's. What cannot be read is as if it were not there, until it can.
pub fn source_stamp(folder: &Path) -> SourceStamp {
    let mut walk = Walk {
        digest: blake3::Hasher::new(),
        newest: 0.0,
    };
    for (entry, name) in entries(folder) {
        if is_source(&name) {
            walk.file(folder, &entry, &name);
        } else if let Some((_, inside)) = SOURCE_FOLDERS.iter().find(|(known, _)| name == *known) {
            walk.folder(folder, &name, inside);
        }
    }
    SourceStamp {
        stamp: walk.digest.finalize().to_hex()[..32].to_owned(),
        newest: walk.newest,
    }
}

struct Walk {
    digest: blake3::Hasher,
    newest: f64,
}

impl Walk {
    /// `linked` is the name of a folder in it that may be a link; no other link is followed, as it may lead back.
    fn folder(&mut self, above: &Path, name: &[u8], linked: &[u8]) {
        let folder = above.join(OsStr::from_bytes(name));
        self.add(b'[', name);
        for (entry, name) in entries(&folder) {
            if is_source(&name) {
                self.file(&folder, &entry, &name);
            } else if name == linked || entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.folder(&folder, &name, b"");
            }
        }
        self.add(b']', b"");
    }

    fn file(&mut self, folder: &Path, entry: &DirEntry, name: &[u8]) {
        self.add(b'f', name);
        // The entry's own metadata needs no walk from the root, but is that of a link.
        let found = match entry.metadata() {
            Ok(own) if !own.is_symlink() => Ok(own),
            _ => fs::metadata(folder.join(OsStr::from_bytes(name))),
        };
        match found {
            Ok(found) => self.metadata(&found),
            Err(_) => self.add(b'?', b""),
        }
    }

    /// The time of change too, which no program can set back; on some file systems only that of modification moves.
    fn metadata(&mut self, found: &Metadata) {
        let (changed, modified) = (
            (found.ctime(), found.ctime_nsec()),
            (found.mtime(), found.mtime_nsec()),
        );
        for number in [found.dev(), found.ino(), found.size()] {
            self.digest.update(&number.to_le_bytes());
        }
        for (seconds, nanoseconds) in [changed, modified] {
            self.digest.update(&seconds.to_le_bytes());
            self.digest.update(&nanoseconds.to_le_bytes());
            let milliseconds = seconds as f64 * 1e3 + nanoseconds as f64 / 1e6;
            self.newest = self.newest.max(milliseconds);
        }
    }

    /// With its length before it, no name can pass for two.
    fn add(&mut self, kind: u8, name: &[u8]) {
        self.digest.update(&[kind]);
        self.digest.update(&(name.len() as u64).to_le_bytes());
        self.digest.update(name);
    }
}

/// Sorted by name: the system gives them in any order.
fn entries(folder: &Path) -> Vec<(DirEntry, Vec<u8>)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| {
            let name = entry.file_name().as_bytes().to_vec();
            (entry, name)
        })
        .collect();
    found.sort_unstable_by(|(_, a), (_, b)| a.cmp(b));
    found
}

fn is_source(name: &[u8]) -> bool {
    name.ends_with(b".rs")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;
    use std::time::{Duration, SystemTime};

    struct Package(PathBuf);

    impl Package {
        fn new(name: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("nxhp-stamps-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(folder.join("src/deep")).unwrap();
            fs::create_dir_all(folder.join("tests")).unwrap();
            for file in ["build.rs", "src/lib.rs", "src/deep/mod.rs", "tests/a.rs"] {
                fs::write(folder.join(file), "fn f() {}").unwrap();
            }
            Package(folder)
        }

        fn stamp(&self) -> String {
            source_stamp(&self.0).stamp
        }

        /// Whether `change` gives another stamp, once the clock of the file system has gone on.
        fn is_seen(&self, change: impl FnOnce(&Path)) -> bool {
            let before = self.stamp();
            std::thread::sleep(Duration::from_millis(20));
            change(&self.0);
            before != self.stamp()
        }
    }

    impl Drop for Package {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_stamp_stays_until_something_changes() {
        let package = Package::new("stays");
        assert!(!package.is_seen(|_| {}));
        assert!(!package.is_seen(|root| fs::write(root.join("README.md"), "x").unwrap()));
        assert!(!package.is_seen(|root| fs::write(root.join("tests/b.rs"), "x").unwrap()));
    }

    #[test]
    fn every_edit_of_a_source_is_seen() {
        let package = Package::new("edit");
        for file in ["build.rs", "src/lib.rs", "src/deep/mod.rs"] {
            assert!(package.is_seen(|root| fs::write(root.join(file), "fn g() {}").unwrap()));
        }
    }

    #[test]
    fn an_edit_that_gives_the_file_its_old_time_back_is_seen() {
        let package = Package::new("old-time");
        assert!(package.is_seen(|root| {
            let file = fs::File::options()
                .append(true)
                .open(root.join("src/lib.rs"));
            file.unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }));
    }

    #[test]
    fn files_that_come_go_and_move_are_seen() {
        let package = Package::new("names");
        assert!(package.is_seen(|root| fs::write(root.join("src/new.rs"), "").unwrap()));
        assert!(package.is_seen(|root| {
            fs::rename(root.join("src/new.rs"), root.join("src/deep/new.rs")).unwrap();
        }));
        assert!(package.is_seen(|root| fs::remove_file(root.join("src/deep/new.rs")).unwrap()));
        assert!(package.is_seen(|root| {
            fs::create_dir(root.join("examples")).unwrap();
            fs::write(root.join("examples/tour.rs"), "").unwrap();
        }));
    }

    #[test]
    fn what_a_link_leads_to_is_seen() {
        let package = Package::new("links");
        let target = package.0.join("tests/a.rs");
        symlink(&target, package.0.join("src/linked.rs")).unwrap();
        assert!(package.is_seen(|_| fs::write(&target, "fn g() {}").unwrap()));
        assert!(package.is_seen(|_| fs::remove_file(&target).unwrap()));
    }

    #[test]
    fn folders_of_programs_may_be_links() {
        let package = Package::new("linked-folders");
        symlink(package.0.join("tests"), package.0.join("src/bin")).unwrap();
        symlink(package.0.join("tests"), package.0.join("examples")).unwrap();
        assert!(package.is_seen(|root| fs::write(root.join("tests/b.rs"), "").unwrap()));
    }

    #[test]
    fn a_link_back_to_a_folder_above_ends() {
        let package = Package::new("loop");
        for link in ["src/again", "src/bin", "examples"] {
            symlink(&package.0, package.0.join(link)).unwrap();
        }
        assert_eq!(package.stamp(), package.stamp());
    }

    #[test]
    fn what_is_not_there_has_a_stamp_too() {
        let nothing = source_stamp(Path::new("/nowhere/at/all"));
        assert_eq!((nothing.stamp.len(), nothing.newest), (32, 0.0));
    }

    #[test]
    fn the_newest_change_is_told() {
        let package = Package::new("newest");
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let newest = source_stamp(&package.0).newest;
        assert!((now.as_secs_f64() * 1e3 - newest).abs() < 60e3, "{newest}");
    }
}
