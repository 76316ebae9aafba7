//! The service and where its databases are.

use dualwrite_core::side::Side;
use dualwrite_core::spec::check_name;
use dualwrite_link::Installing;
use dualwrite_process::settings::{Setting, Settings};

use super::{Connecting, Database};
use crate::settings::{INSECURE_DATABASES, LEGACY_URL, MAX_CONNECTIONS, NEW_URL, SERVICE};

/// The service and where its databases are.
#[derive(Debug)]
pub(crate) struct Databases {
    pub(crate) service: String,
    pub(crate) legacy: Option<Database>,
    pub(crate) new: Option<Database>,
}

impl Databases {
    /// Reads the service and both URLs; what is wrong is noted.
    pub(crate) fn read(settings: &mut Settings) -> Option<Self> {
        let service = settings.require(&SERVICE, |given| {
            let sound = check_name(given).then(|| given.to_owned());
            sound.ok_or_else(|| {
                format!(
                    "`{given}` is no service name; a name is a lower case letter, then up to 30 \
                     lower case letters, digits or _"
                )
            })
        });
        // A name that is missing or wrong has been noted; the URLs are looked at
        // all the same.
        let named = service.clone().unwrap_or_else(|| "unnamed".to_owned());
        let connecting = Connecting {
            max_connections: settings.read(&MAX_CONNECTIONS, connections).unwrap_or(1),
            allow_insecure: settings.switch(&INSECURE_DATABASES),
        };
        let mut database = |setting: &Setting| {
            let file = settings.file_of(setting);
            settings.read(setting, |url| {
                Database::parse(url, file, &named, connecting)
            })
        };
        let legacy = database(&LEGACY_URL);
        let new = database(&NEW_URL);
        if !settings.is_set(&LEGACY_URL) && !settings.is_set(&NEW_URL) {
            settings.missing(
                "no database is configured; set --legacy-url (LEGACY_DATABASE_URL), --new-url \
                 (NEW_DATABASE_URL), or both",
            );
        }
        if let (Some(legacy), Some(new)) = (&legacy, &new)
            && legacy.is_same(new)
        {
            settings.missing(
                "--legacy-url and --new-url name the same database; a migration goes from one \
                 database to another",
            );
        }
        Some(Self {
            service: service?,
            legacy,
            new,
        })
    }

    /// One side's database, if it is configured.
    pub(crate) const fn get(&self, side: Side) -> Option<&Database> {
        match side {
            Side::Legacy => self.legacy.as_ref(),
            Side::New => self.new.as_ref(),
        }
    }

    /// The sides that are configured.
    pub(crate) fn sides(&self) -> Vec<Side> {
        let sides = Side::BOTH.into_iter();
        sides.filter(|side| self.get(*side).is_some()).collect()
    }

    /// Our tables are created unasked only where nobody administers the
    /// databases: when all of them are files.
    pub(super) fn installing(&self) -> Installing {
        let files = [&self.legacy, &self.new];
        let all_files = files.into_iter().all(|database| match database {
            Some(Database::Sqlite(_)) => true,
            Some(Database::Mysql(_) | Database::Postgres(_)) | None => false,
        });
        if all_files {
            Installing::Auto
        } else {
            Installing::Never
        }
    }
}

/// How many connections, from 1 on.
fn connections(given: &str) -> Result<usize, String> {
    let number = given.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("`{given}` is no number of connections; expected 1 or more"))
}

/// The flag and the variable that name a side's database.
pub(crate) const fn flag(side: Side) -> &'static str {
    match side {
        Side::Legacy => "--legacy-url (LEGACY_DATABASE_URL)",
        Side::New => "--new-url (NEW_DATABASE_URL)",
    }
}
