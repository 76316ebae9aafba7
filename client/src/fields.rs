//! Named values.

use dualwrite_core::value::Value;

use crate::value::IntoValue;

/// Named values: a row to write, a key, a condition. Made by [`crate::fields!`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields(Vec<(String, Value)>);

impl Fields {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// One more field. The last of two with the same name counts.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl IntoValue) -> Self {
        self.0.push((name.into(), value.into_value()));
        self
    }

    /// The names and values, in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// Named values: `fields! { id: 7, owner: "ann" }`, or with names that are no
/// identifiers `fields! { "line no" => 7 }`.
#[macro_export]
macro_rules! fields {
    () => { $crate::Fields::new() };
    ($($name:ident : $value:expr),+ $(,)?) => {
        $crate::Fields::new()$(.with(stringify!($name), $value))+
    };
    ($($name:expr => $value:expr),+ $(,)?) => {
        $crate::Fields::new()$(.with($name, $value))+
    };
}

impl IntoIterator for Fields {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<N: Into<String>, V: IntoValue> FromIterator<(N, V)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self(
            fields
                .into_iter()
                .map(|(name, value)| (name.into(), value.into_value()))
                .collect(),
        )
    }
}

impl<N: Into<String>, V: IntoValue, const COUNT: usize> From<[(N, V); COUNT]> for Fields {
    fn from(fields: [(N, V); COUNT]) -> Self {
        fields.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_macro_make_the_same() {
        let quantity = 3_i64;
        let named = fields! { id: 7, note: None::<String>, quantity: quantity };
        let quoted = fields! { "id" => 7, "note" => None::<String>, "quantity" => quantity };
        assert_eq!(named, quoted);
        let pairs: Vec<(&str, &Value)> = named.iter().collect();
        assert_eq!(pairs[0], ("id", &Value::Int(7)));
        assert_eq!(pairs[1], ("note", &Value::Null));
        assert_eq!(fields! {}, Fields::new());
        assert_eq!(Fields::from([("id", 7)]), fields! { id: 7 });
    }
}
