//! What the machine must have beside Rust. (A C compiler is among it, for SQLite and the TLS
//! library; who has linked this program has one.)

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::run::{program, run};
use crate::tools::on_path;

/// Where Debian and Ubuntu put the server programs of each version.
const DEBIAN_ROOT: &str = "/usr/lib/postgresql";

/// Sees that the PostgreSQL server programs are there: as root on Debian and Ubuntu it installs
/// them, elsewhere it says how to.
pub(crate) fn postgres() -> Result<()> {
    debian(
        "the PostgreSQL server programs (initdb, postgres)",
        "postgresql",
        has_postgres,
    )
}

/// The same of the MariaDB server. (The package starts a server of its own, which nobody here
/// touches: tests start theirs in folders of their own.)
pub(crate) fn mariadb() -> Result<()> {
    debian(
        "the MariaDB server programs (mariadb-install-db, mariadbd)",
        "mariadb-server",
        || on_path("mariadb-install-db").is_some() && on_path("mariadbd").is_some(),
    )
}

/// The same of etcd, which a benchmark compares with.
pub(crate) fn etcd() -> Result<()> {
    debian("the etcd server", "etcd-server", || {
        on_path("etcd").is_some()
    })
}

/// The same of promtool, which reads figures as a scraper does.
pub(crate) fn promtool() -> Result<()> {
    debian("promtool", "prometheus", || on_path("promtool").is_some())
}

/// The same of libfaketime, which gives a process a clock of its own. It is used where it can be
/// had: without it, clocks stay right, and the soak says so.
pub(crate) fn faketime() {
    if let Err(error) = debian("libfaketime", "libfaketime", has_faketime) {
        eprintln!("\n{error:#}");
    }
}

fn has_faketime() -> bool {
    let folders = std::fs::read_dir("/usr/lib")
        .into_iter()
        .flatten()
        .flatten();
    let mut libraries = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    libraries.any(|library| library.is_file())
}

/// Installs a package of Debian and Ubuntu where what it brings is missing.
fn debian(what: &str, package: &str, is_there: impl Fn() -> bool) -> Result<()> {
    if is_there() {
        return Ok(());
    }
    let sentence = format!(
        "not installed: {what}; install it, on Debian and Ubuntu with `apt-get install {package}`"
    );
    let (Some(apt), true) = (on_path("apt-get"), is_root()) else {
        bail!("{sentence}")
    };
    eprintln!("\n=== installing {what}: apt-get install {package}");
    for arguments in [
        &["update"][..],
        &["install", "--yes", "--no-install-recommends", package],
    ] {
        let mut command = program(&apt);
        command
            .args(["-qq"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        run(command).with_context(|| sentence.clone())?;
    }
    if is_there() {
        Ok(())
    } else {
        bail!("{sentence}")
    }
}

fn has_postgres() -> bool {
    let on_path = on_path("initdb").is_some() && on_path("postgres").is_some();
    let versions = std::fs::read_dir(DEBIAN_ROOT)
        .into_iter()
        .flatten()
        .flatten();
    on_path
        || versions
            .map(|version| version.path().join("bin"))
            .any(|bin| has_programs(&bin))
}

fn has_programs(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("postgres").is_file()
}

/// A process's folder there belongs to the user it runs as.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
