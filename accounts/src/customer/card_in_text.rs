//! Finds card numbers that somebody typed where they do not belong (G8).
//!
//! A card number is 13 to 19 digits whose Luhn sum is right (ISO/IEC 7812-1). People write it in groups, so digits are
//! read as groups with separators between them, and every run of whole groups is tried: an expiry date that follows
//! does not hide the number. A group is never cut: a number of 25 digits holds no card number, or every long number
//! would hold one. Any other number of this length is mistaken for a card number one time in ten; that is the price.

/// How many characters between two groups still hold them together: `4111 - 1111`.
const MAX_GAP: usize = 3;

/// Whether the text holds a card number.
pub fn is_in(text: &str) -> bool {
    let mut chain: Vec<Vec<u32>> = Vec::new();
    let mut gap = 0;
    for c in text.chars() {
        if let Some(digit) = digit(c) {
            match chain.last_mut() {
                Some(group) if gap == 0 => group.push(digit),
                Some(_) | None => chain.push(vec![digit]),
            }
            gap = 0;
            continue;
        }
        gap += 1;
        // A letter ends a number, and so does a longer gap.
        if c.is_alphanumeric() || gap > MAX_GAP {
            if holds_number(&chain) {
                return true;
            }
            chain.clear();
        }
    }
    holds_number(&chain)
}

/// Whether some of these groups that follow each other are a card number.
fn holds_number(groups: &[Vec<u32>]) -> bool {
    (0..groups.len()).any(|first| {
        let mut digits = Vec::new();
        for group in &groups[first..] {
            digits.extend_from_slice(group);
            if digits.len() > 19 {
                return false;
            }
            if digits.len() >= 13 && luhn(&digits) && !only_zeros(&digits) {
                return true;
            }
        }
        false
    })
}

/// Their sum is right, too, but they are what fills a form and never a card's number.
fn only_zeros(digits: &[u32]) -> bool {
    digits.iter().all(|digit| *digit == 0)
}

fn luhn(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit < 5 { 2 * digit } else { 2 * digit - 9 };
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(at, digit)| if at % 2 == 0 { *digit } else { doubled(*digit) }).sum();
    sum.is_multiple_of(10)
}

/// The value of a decimal digit of any script.
fn digit(c: char) -> Option<u32> {
    let code = u32::from(c);
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= code)].last()?;
    let value = code - zero;
    (value < 10).then_some(value)
}

/// The code points of zero in every script of Unicode 16 that has decimal digits (general category Nd): the other nine
/// follow each.
const ZEROS: [u32; 76] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136,
    0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0,
    0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8,
    0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn card_numbers_are_found_however_they_are_written() {
        for text in [
            "4111111111111111",
            "pay with 4111 1111 1111 1111 please",
            "4111-1111-1111-1111",
            "4111.1111.1111.1111",
            "4111 - 1111 - 1111 - 1111",
            "4111\u{a0}1111\u{2011}1111\u{200b}1111",
            "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
            "4111 1111 1111 1111 06/19",
            "room 7, 4111 1111 1111 1111",
            "PAN4111111111111111x",
            "3782 822463 10005",
            "4222222222222",
            "6304 0000 0000 0000 000",
            "４１１１１１１１１１１１１１１１",
            "٤١١١١١١١١١١١١١١١",
            "𝟒𝟏𝟏𝟏 𝟏𝟏𝟏𝟏 𝟏𝟏𝟏𝟏 𝟏𝟏𝟏𝟏",
        ] {
            assert!(is_in(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_left_alone() {
        for text in [
            "",
            "123 Oak Street",
            "4111111111111112",
            "0000 0000 0000 0000",
            "411111111111",
            "41111111111111111111111111111111",
            "4111a1111b1111c1111",
            "4111      1111      1111      1111",
            "12345-6789, 555-666-7777",
        ] {
            assert!(!is_in(text), "{text}");
        }
    }

    #[test]
    fn zeros_are_in_order_because_they_are_searched_by_halves() {
        assert!(ZEROS.is_sorted());
        for zero in ZEROS {
            let c = char::from_u32(zero + 9).unwrap();
            assert_eq!((digit(c), c.is_numeric()), (Some(9), true), "{zero:x}");
        }
        assert_eq!((digit('/'), digit(':'), digit('a'), digit('½')), (None, None, None, None));
    }

    /// Digits with the check digit that makes their Luhn sum right.
    fn with_check_digit(digits: &[u32]) -> Vec<u32> {
        (0..10).map(|check| [digits, &[check]].concat()).find(|digits| luhn(digits)).unwrap()
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text: String) {
            is_in(&text);
        }

        #[test]
        fn a_number_is_found_in_any_grouping_and_any_script(
            digits in prop::collection::vec(0u32..10, 12..=18),
            cuts in prop::collection::vec(any::<bool>(), 19),
            script in prop::sample::select(&ZEROS[..]),
        ) {
            prop_assume!(!only_zeros(&digits));
            let mut text = String::new();
            for (digit, cut) in with_check_digit(&digits).into_iter().zip(cuts) {
                text.extend(char::from_u32(script + digit));
                text.push_str(if cut { " " } else { "" });
            }
            prop_assert!(is_in(&text), "{}", text);
        }
    }
}
