//! What a file may hold, before it is known what it means.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, de};

/// A value of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw {
    Scalar(Scalar),
    Table(BTreeMap<String, Raw>),
}

/// A value that holds no others.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Whole(u64),
    /// Any other number.
    Number(f64),
    /// A text, such as a time.
    Text(String),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Whole(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(value) => fmt::Debug::fmt(value, f),
        }
    }
}

impl Raw {
    /// As it is told to a person.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Scalar(scalar) => scalar.to_string(),
            Self::Table(_) => "a table".to_owned(),
        }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table, a number, a text, `true` or `false`")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(Scalar::Bool(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Scalar::Whole(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        // No setting is below zero: as another number it is refused where it stands.
        #[expect(clippy::cast_precision_loss, reason = "it is shown and refused")]
        let scalar = u64::try_from(value).map_or(Scalar::Number(value as f64), Scalar::Whole);
        Ok(Raw::Scalar(scalar))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Scalar::Number(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(Scalar::Text(value.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut table = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<String, Raw>()? {
            if table.contains_key(&key) {
                return Err(de::Error::custom(format_args!("`{key}` stands twice")));
            }
            table.insert(key, value);
        }
        Ok(Raw::Table(table))
    }
}
