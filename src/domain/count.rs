//! Numbers with their nouns, as reports say them.

/// A number with its thousands set apart: `54,560`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its noun, which is `one` or `many`: `1 rule`, `54,560 cases`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", grouped(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let numbers = [0, 7, 999, 1_000, 54_560, 1_234_567];
        let said = numbers.map(grouped);
        assert_eq!(said, ["0", "7", "999", "1,000", "54,560", "1,234,567"]);
    }

    #[test]
    fn one_is_no_plural() {
        let said = [0, 1, 2, 1_001].map(|number| counted(number, "case", "cases"));
        assert_eq!(said, ["0 cases", "1 case", "2 cases", "1,001 cases"]);
    }
}
