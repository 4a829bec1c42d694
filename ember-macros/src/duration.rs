//! Durations as they are written in attributes: `"200ms"`, `"2s"`.

use std::time::Duration;

use syn::LitStr;

/// Reads a duration.
///
/// # Errors
///
/// If it is none, or is zero, or is too long for any clock.
pub(crate) fn duration(text: &LitStr) -> syn::Result<Duration> {
    let error = |message: String| Err(syn::Error::new_spanned(text, message));
    let value = text.value();
    let value = value.trim();
    let split = value.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(value.len());
    let (number, unit) = (value[..split].replace('_', ""), value[split..].trim());
    let Ok(number) = number.parse::<f64>() else {
        return error(format!(
            "`{value}` is no duration; write a number with its unit: `\"200ms\"`, `\"2s\"`"
        ));
    };
    let seconds = match unit {
        "ns" => number / 1e9,
        "us" | "µs" => number / 1e6,
        "ms" => number / 1e3,
        "s" => number,
        "m" | "min" => number * 60.0,
        "h" => number * 3600.0,
        "d" => number * 86400.0,
        "" => return error(format!("`{value}` has no unit; write `\"{value}ms\"` or `\"{value}s\"`")),
        other => {
            return error(format!(
                "`{other}` is no unit of time (there are `ns`, `us`, `ms`, `s`, `min`, `h` and `d`)"
            ));
        }
    };
    if seconds > LONGEST {
        return error(format!(
            "`{value}` is longer than a thousand years; leave the attribute out if there is no bound"
        ));
    }
    let duration = Duration::from_secs_f64(seconds);
    if duration.is_zero() {
        return error(format!(
            "`{value}` is no time at all: nothing could ever be in time; write a duration above zero"
        ));
    }
    Ok(duration)
}

/// In seconds. Clocks can add so much.
const LONGEST: f64 = 1000.0 * 365.25 * 86400.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Duration, String> {
        duration(&LitStr::new(text, proc_macro2::Span::call_site())).map_err(|error| error.to_string())
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(read("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(read("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(read("2 min"), Ok(Duration::from_mins(2)));
        assert_eq!(read("10_000us"), Ok(Duration::from_millis(10)));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in
            ["", "ms", "1", "1 fortnight", "-1s", "0s", "0.0000000001ns", "1e9d", "99999999999d", "1.2.3s"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
