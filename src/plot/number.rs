//! How numbers are written: true minus, thin spaces, separated thousands.

/// Between a number and its unit; does not break.
pub const THIN: &str = "\u{202f}";

/// A whole number with separated thousands: `100,032`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A whole number with its noun: `1 neuron`, `2,500 neurons`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A number with `decimals` places, a true minus and separated thousands; `–` when it is not finite.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    let plain = format!("{:.decimals$}", value.abs());
    let (whole, rest) = plain.split_once('.').map_or((plain.as_str(), String::new()), |(w, r)| (w, format!(".{r}")));
    let whole = whole.parse::<u64>().map_or_else(|_| whole.to_owned(), count);
    let sign = if value < 0.0 && plain.bytes().any(|b| b.is_ascii_digit() && b != b'0') { "−" } else { "" };
    format!("{sign}{whole}{rest}")
}

/// A number with `digits` significant digits and no trailing zeros; very large and very small ones as powers of ten.
pub fn number(value: f64, digits: i32) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    if value == 0.0 {
        return "0".into();
    }
    #[allow(clippy::cast_possible_truncation)]
    let magnitude = value.abs().log10().floor() as i32;
    if !(-5..9).contains(&magnitude) {
        let mantissa = value / 10f64.powi(magnitude);
        return format!("{} × 10{}", number(mantissa, digits), superscript(magnitude));
    }
    #[allow(clippy::cast_sign_loss)]
    let decimals = (digits - 1 - magnitude).clamp(0, 9) as usize;
    let text = fixed(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A number with its unit: `20 ms`, `−70 mV`, `30°`.
pub fn with_unit(number: &str, unit: &str) -> String {
    match unit {
        "" => number.to_owned(),
        "°" => format!("{number}°"),
        _ => format!("{number}{THIN}{unit}"),
    }
}

fn superscript(n: i32) -> String {
    n.to_string().chars().map(|c| if c == '-' { '⁻' } else { "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(c as usize - '0' as usize).unwrap_or(c) }).collect()
}

/// Reads a number as people write it: true minus, thousands separators, a unit behind it, `1e-3`.
pub fn parse(text: &str, unit: &str) -> Option<f64> {
    let mut t = text.trim();
    if !unit.is_empty() {
        t = t.strip_suffix(unit).unwrap_or(t).trim_end();
    }
    let t: String = t.chars().filter(|c| !matches!(c, ',' | '_' | '\u{202f}' | '\u{2009}' | ' ')).collect();
    t.replace('−', "-").parse().ok()
}

/// Length of biological time: `12.345 s`, with as many places as a step of `dt` (ms) needs.
pub fn time(ms: f64, dt: f64) -> String {
    let decimals = if dt >= 1.0 {
        3
    } else if dt >= 0.1 {
        4
    } else {
        5
    };
    format!("{}{THIN}s", fixed(ms / 1000.0, decimals))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(count(100_032), "100,032");
        assert_eq!(count(7), "7");
        assert_eq!(fixed(-1234.5, 1), "−1,234.5");
        assert_eq!(fixed(-0.01, 1), "0.0");
        assert_eq!(number(0.005_25, 4), "0.00525");
        assert_eq!(number(-70.0, 4), "−70");
        assert_eq!(number(2.0, 4), "2");
        assert_eq!(number(1e12, 4), "1 × 10¹²");
        assert_eq!(number(f64::NAN, 4), "–");
        assert_eq!(with_unit("20", "ms"), "20\u{202f}ms");
    }

    #[test]
    fn what_was_written_can_be_typed_back() {
        for value in [-70.0, 0.00525, 1234.5, 1e-3] {
            assert_eq!(parse(&with_unit(&number(value, 6), "mV"), "mV"), Some(value));
        }
        assert_eq!(parse("1e-3", ""), Some(0.001));
        assert_eq!(parse("twenty", "ms"), None);
    }
}
