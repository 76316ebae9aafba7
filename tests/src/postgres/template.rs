//! The cluster that all others are copies of.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::programs::Programs;
use super::{SUPERUSER, data_folder};
use crate::folders::{self, copy_folder};
use crate::user::User;

/// The template of this server version, made now if this is the first time it is asked for.
pub(super) fn of(programs: &Programs, user: User) -> Result<PathBuf> {
    let cache = folders::cache()?.join("postgres");
    fs::create_dir_all(&cache).with_context(|| format!("create {}", cache.display()))?;
    let template = cache.join(format!("{}-{}", programs.version, user.label()));
    if template.is_dir() {
        return Ok(template);
    }
    // Several test processes start at once; one of them makes the template.
    let lock = File::create(cache.join("lock")).context("create the template's lock")?;
    lock.lock().context("lock the template")?;
    if !template.is_dir() {
        make(programs, user, &cache, &template)?;
    }
    Ok(template)
}

/// `initdb` works in the folder for temporary files, where every user may; the result is moved in
/// place by one rename, so that a template is complete or not there.
fn make(programs: &Programs, user: User, cache: &Path, template: &Path) -> Result<()> {
    let workshop = tempfile::Builder::new()
        .prefix("dualwrite-initdb-")
        .tempdir()?;
    user.owns(workshop.path())?;
    let data = data_folder(workshop.path());
    let mut command = Command::new(programs.initdb());
    command
        .arg("--pgdata")
        .arg(&data)
        .args(["--username", SUPERUSER, "--auth", "trust"])
        .args(["--encoding", "UTF8", "--locale", "C", "--no-sync"])
        .current_dir(workshop.path());
    let output = user.runs(&mut command).output().context("run initdb")?;
    ensure!(
        output.status.success(),
        "initdb failed ({}):\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let copy = tempfile::Builder::new()
        .prefix("making-")
        .tempdir_in(cache)?;
    copy_folder(&data, &copy.path().join("data"))?;
    fs::rename(copy.path().join("data"), template).context("put the template in place")
}
