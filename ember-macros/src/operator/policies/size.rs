//! Sizes in bytes: `"512MiB"`.

use std::ops::RangeInclusive;

use syn::{Expr, Lit};

use super::given::{self, Given};
use super::said::{Said, Value, mistake};
use crate::diagnostics::Diagnostics;

/// A number of bytes within bounds, as a literal or a constant.
pub(super) fn within(
    said: &Said,
    bounds: RangeInclusive<u64>,
    such: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Given<u64>> {
    if let Value::Is(value) = &said.value {
        let least = spoken(*bounds.start());
        let must = match *bounds.end() {
            u64::MAX => format!("at least {least}"),
            most => format!("from {least} to {}", spoken(most)),
        };
        let constant = given::constant_size(&said.text(), value, &bounds, &must);
        if constant.is_some() {
            return constant;
        }
    }
    read(said, bounds, such, diagnostics).map(Given::Literal)
}

/// A number of bytes within bounds.
pub(super) fn read(
    said: &Said,
    bounds: RangeInclusive<u64>,
    such: &str,
    diagnostics: &mut Diagnostics,
) -> Option<u64> {
    let text = match &said.value {
        Value::Is(Expr::Lit(lit)) => match &lit.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    };
    let Some(text) = text else {
        mistake(said, format!("`{}` takes a size: `{such}`", said.name), diagnostics);
        return None;
    };
    let Some(bytes) = bytes(&text) else {
        let message = format!("`{text}` is no size; write a whole number and KiB, MiB or GiB: `{such}`");
        mistake(said, message, diagnostics);
        return None;
    };
    if bounds.contains(&bytes) {
        return Some(bytes);
    }
    let (least, most) = (bounds.start(), bounds.end());
    let must = if bytes < *least {
        format!("at least {}", spoken(*least))
    } else {
        format!("at most {}", spoken(*most))
    };
    mistake(said, format!("`{}` is {text}, and must be {must}: `{such}`", said.name), diagnostics);
    None
}

fn bytes(text: &str) -> Option<u64> {
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];
    let (number, shift) =
        units.into_iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, shift)))?;
    let number: u64 = number.trim_end().replace('_', "").parse().ok()?;
    number.checked_mul(1 << shift)
}

fn spoken(bytes: u64) -> String {
    match bytes {
        0..0x10_0000 => format!("{} KiB", bytes >> 10),
        0x10_0000..0x4000_0000 => format!("{} MiB", bytes >> 20),
        _ => format!("{} GiB", bytes >> 30),
    }
}
