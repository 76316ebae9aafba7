//! What is bound to a statement. Values are text; only our own columns have
//! parameters of other types.

use std::error::Error;
use std::fmt;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type};

/// One bound parameter.
///
/// Its `Debug` says the type and nothing else, because the driver logs bound
/// parameters and row values must never reach a log.
#[derive(Clone)]
pub(crate) enum Param {
    /// Any value, or NULL.
    Text(Option<String>),
    /// One column of several rows.
    Texts(Vec<Option<String>>),
    /// An epoch, a token, a count.
    Long(i64),
    /// Tokens.
    Longs(Vec<i64>),
    /// The class of key locks.
    Int(i32),
    /// Buckets.
    Ints(Vec<i32>),
}

impl Param {
    /// Text that is not NULL.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl fmt::Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "text(..)",
            Self::Texts(_) => "texts(..)",
            Self::Long(_) => "long(..)",
            Self::Longs(_) => "longs(..)",
            Self::Int(_) => "int(..)",
            Self::Ints(_) => "ints(..)",
        })
    }
}

impl ToSql for Param {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        // Checked as well: a parameter without its cast in SQL is a mistake
        // here, and must not become bytes of the wrong type.
        self.to_sql_checked(ty, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Text(value) => value.to_sql_checked(ty, out),
            Self::Texts(values) => values.to_sql_checked(ty, out),
            Self::Long(value) => value.to_sql_checked(ty, out),
            Self::Longs(values) => values.to_sql_checked(ty, out),
            Self::Int(value) => value.to_sql_checked(ty, out),
            Self::Ints(values) => values.to_sql_checked(ty, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_a_value() {
        assert_eq!(format!("{:?}", Param::text("secret")), "text(..)");
        assert_eq!(
            format!("{:?}", Param::Texts(vec![Some("secret".into())])),
            "texts(..)"
        );
    }

    #[test]
    fn a_parameter_of_the_wrong_type_is_refused() {
        let mut out = BytesMut::new();
        assert!(
            Param::Long(1)
                .to_sql_checked(&Type::TEXT, &mut out)
                .is_err()
        );
        assert!(Param::Long(1).to_sql_checked(&Type::INT8, &mut out).is_ok());
    }
}
