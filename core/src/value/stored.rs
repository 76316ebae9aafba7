//! How a value is stored by ourselves (in a receipt, in a page token): `null`
//! or `["kind", "text"]`, exact and readable.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Kind, Value};

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.kind().zip(self.to_text()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::<(Kind, String)>::deserialize(deserializer)? {
            None => Ok(Self::Null),
            Some((kind, text)) => Self::from_text(kind, &text).map_err(de::Error::custom),
        }
    }
}
