//! Money against `domain.md`, section 2.

use proptest::prelude::*;
use serde_json::{Value, json};
use service_kit::http::body::{Json, read};

use super::*;

fn price(amount: Value, currency: &str) -> Result<Money, Vec<String>> {
    let body = Json::from(json!({ "amount": amount, "currency": currency }));
    let read = read(&body, Price::read).map(Money::from);
    read.map_err(|faults| faults.into_iter().map(|fault| fault.pointer).collect())
}

fn money(amount: &str, currency: &str) -> Money {
    Money { amount: amount.to_owned(), currency: currency.to_owned() }
}

fn quantity(number: u64) -> Quantity {
    read(&Json::from(json!(number)), Quantity::read).unwrap()
}

fn exactly(amount: &str, currency: &str) -> Price {
    Price::new(Decimal::from_str_exact(amount).unwrap(), currency.parse().unwrap())
}

#[test]
fn an_amount_is_stored_with_exactly_the_places_of_its_currency() {
    for (sent, currency, stored) in [
        ("12.50", "USD", "12.50"),
        ("12.5", "USD", "12.50"),
        ("12", "USD", "12.00"),
        ("0", "EUR", "0.00"),
        ("0.01", "EUR", "0.01"),
        ("1250", "JPY", "1250"),
        ("1.234", "BHD", "1.234"),
        ("0.0001", "CLF", "0.0001"),
        ("1000000000000", "USD", "1000000000000.00"),
        ("1000000000000.0000", "CLF", "1000000000000.0000"),
    ] {
        assert_eq!(price(json!(sent), currency), Ok(money(stored, currency)), "{sent} {currency}");
    }
}

#[test]
fn what_is_no_exact_amount_is_refused() {
    let texts = [
        "",
        " ",
        "1e9",
        "1E9",
        "-1",
        "+1",
        "00.5",
        "05",
        ".5",
        "5.",
        "1.2.3",
        "1,5",
        "1_000",
        "0x10",
        "NaN",
        "١٢",
        " 1",
        "1000000000000.01",
        "1000000000001",
        "99999999999999999999999999999999999",
    ];
    for text in texts {
        assert_eq!(price(json!(text), "USD"), Err(vec!["/amount".to_owned()]), "{text}");
    }
    for other in [json!(12.5), json!(12), json!(true), json!({}), json!(null)] {
        assert_eq!(price(other.clone(), "USD"), Err(vec!["/amount".to_owned()]), "{other}");
    }
    for (text, currency) in
        [("12.345", "USD"), ("12.500", "USD"), ("1.0", "JPY"), ("1.2345", "BHD"), ("1.00000", "CLF")]
    {
        assert_eq!(price(json!(text), currency), Err(vec!["/amount".to_owned()]), "{text} {currency}");
    }
}

#[test]
fn a_currency_has_a_code_and_places() {
    for code in ["", "usd", "US", "USDT", "AAA", "XXX", "XTS", "XAU", "XDR", "840", "€"] {
        assert_eq!(price(json!("1"), code), Err(vec!["/currency".to_owned()]), "{code}");
    }
    assert_eq!(price(json!("1e9"), "XXX").unwrap_err(), ["/currency", "/amount"], "both are told");
    assert!(Unit::all().count() > 150);
    for unit in Unit::all() {
        assert_eq!(unit.code().parse(), Ok(unit));
    }
}

#[test]
fn a_total_needs_a_price_on_every_line_and_one_currency() {
    let [dollars, cents, yen] = [exactly("12.50", "USD"), exactly("3.75", "USD"), exactly("100", "JPY")];
    let sum = |lines: &[(Option<Price>, u64)]| {
        total(lines.iter().map(|(price, number)| (*price, quantity(*number)))).map(|total| total.map(Money::from))
    };
    assert_eq!(sum(&[(Some(dollars), 6), (Some(cents), 3)]), Ok(Some(money("86.25", "USD"))));
    assert_eq!(sum(&[(Some(exactly("0.00", "USD")), 6)]), Ok(Some(money("0.00", "USD"))));
    assert_eq!(sum(&[(Some(yen), 10_000)]), Ok(Some(money("1000000", "JPY"))));
    assert_eq!(sum(&[(Some(dollars), 6), (None, 3)]), Ok(None));
    assert_eq!(sum(&[(Some(dollars), 6), (Some(yen), 3)]), Ok(None));
    assert_eq!(sum(&[]), Ok(None));
}

#[test]
fn the_largest_order_there_can_be_is_summed_exactly() {
    let dearest = exactly("999999999999.9999", "CLF");
    let all = total(std::iter::repeat_n((Some(dearest), quantity(10_000)), 200));
    assert_eq!(all.unwrap().map(Money::from), Some(money("1999999999999999800.0000", "CLF")));
}

#[test]
fn a_sum_that_is_too_large_is_refused_and_not_rounded() {
    let huge = Price {
        amount: Decimal::from_i128_with_scale(79_228_162_514_264_337_593_543_950_335, 2),
        ..exactly("0", "USD")
    };
    assert_eq!(total([(Some(huge), quantity(1))]).map(|sum| sum == Some(huge)), Ok(true));
    assert_eq!(total([(Some(huge), quantity(2))]), Err(Overflow));
    assert_eq!(total([(Some(huge), quantity(1)), (Some(exactly("0.01", "USD")), quantity(1))]), Err(Overflow));
}

proptest! {
    #[test]
    fn every_amount_in_range_is_read_back_as_it_is_written(cents in 0..=100_000_000_000_000_u64) {
        let text = format!("{}.{:02}", cents / 100, cents % 100);
        let read = price(json!(text), "USD").unwrap();
        prop_assert_eq!(&read.amount, &text);
        prop_assert_eq!(price(json!(read.amount), "USD"), Ok(read));
    }

    #[test]
    fn no_text_is_too_odd_to_be_read_or_refused(amount in "\\PC{0,24}", currency in "[A-Za-z]{0,4}") {
        prop_assert!(price(json!(amount), &currency).map_or_else(|faults| !faults.is_empty(), |_| true));
    }

    #[test]
    fn a_total_is_the_sum_that_whole_cents_give(lines in prop::collection::vec((0..=100_000_000_000_000_u64, 1..=10_000_u64), 1..50)) {
        let priced = lines.iter().map(|(cents, number)| {
            let amount = Decimal::from_i128_with_scale((*cents).into(), 2);
            (Some(Price::new(amount, "USD".parse().unwrap())), quantity(*number))
        });
        let cents: u128 = lines.iter().map(|(cents, number)| u128::from(*cents) * u128::from(*number)).sum();
        let total = total(priced).unwrap().map(Money::from).unwrap();
        prop_assert_eq!(total.amount, format!("{}.{:02}", cents / 100, cents % 100));
    }
}
