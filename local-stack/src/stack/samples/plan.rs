//! Which sample orders there are: three with names, and some hundred that look like eight months of a small shop.
//!
//! Pure, and always the same: ids, customers, lines and ends never change, and days are counted back from today. Only
//! `6119` has the items `z3333` and `z4444`, so that the reports show what it alone makes of them.

use chrono::{Days, NaiveDate, NaiveTime};
use serde_json::{Value, json};

use super::customers;
use super::shop::{ITEMS, dollars};

/// Orders without a name of their own.
const SOME: u32 = 300;
/// How far back they go.
const DAYS: u32 = 240;
/// The last days' orders mostly wait.
const STILL_WAITING: u64 = 6;

/// An order to be placed, and what becomes of it then.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SampleOrder {
    pub(super) id: String,
    pub(super) customer: String,
    /// As it is sent.
    pub(super) body: Value,
    pub(super) end: End,
}

/// Whether it has ended, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    None,
    Fulfilled,
    Cancelled,
}

/// All of them, as they look on this day; `customers` as in `customers.json`.
pub(super) fn orders(today: NaiveDate, customers: &[Value]) -> Vec<SampleOrder> {
    let buyers: Vec<&Value> = customers.iter().filter(|customer| is_buyer(customer)).collect();
    let mut random = Random(0x5EED);
    let mut orders = named().to_vec();
    orders.extend((1..=SOME).map(|number| some_order(number, today, &buyers, &mut random)));
    orders
}

/// Placed when they are loaded: `6119` counts today, and the other two wait for the examples of the API's page.
fn named() -> [SampleOrder; 3] {
    let order = |id: &str, customer: &str, items: Value| SampleOrder {
        id: id.to_owned(),
        customer: customer.to_owned(),
        body: json!({"id": id, "customerId": customer, "items": items}),
        end: End::None,
    };
    [
        order("6119", "12345", json!([{"itemId": "z3333", "quantity": 6}, {"itemId": "z4444", "quantity": 3}])),
        order("sample-cancel", "emily-chen", json!([line(6, 2)])),
        order("sample-fulfil", "hamish-macleod", json!([line(12, 1), line(2, 3)])),
    ]
}

/// Neither the well-known one, nor one that an example destroys; and it has an address.
fn is_buyer(customer: &Value) -> bool {
    let id = customers::id(customer);
    let has_address = customer["addresses"].as_array().is_some_and(|addresses| !addresses.is_empty());
    has_address && id != "12345" && !id.starts_with("sample-")
}

fn some_order(number: u32, today: NaiveDate, buyers: &[&Value], random: &mut Random) -> SampleOrder {
    let customer = buyers[random.below(buyers.len() as u32) as usize];
    let (id, buyer) = (format!("sample-{number:03}"), customers::id(customer));
    // The larger of two: the shop grows.
    let days_ago = u64::from(DAYS - random.below(DAYS).max(random.below(DAYS)));
    let items: Vec<Value> = (0..=random.below(4)).map(|_| some_line(random)).collect();
    let mut body =
        json!({"id": id, "customerId": buyer, "items": items, "placedAt": placed_at(today, days_ago, random)});
    if has_alternate_address(customer) && random.below(2) == 0 {
        body["shipTo"] = json!("SHIPPING_ALTERNATE");
    }
    SampleOrder { id, customer: buyer, body, end: some_end(days_ago, random) }
}

fn some_line(random: &mut Random) -> Value {
    // The smaller of two: the first ones are popular.
    let count = ITEMS.len() as u32;
    let item = random.below(count).min(random.below(count));
    line(item as usize, 1 + random.below(8).min(random.below(8)))
}

fn line(item: usize, quantity: u32) -> Value {
    let (id, title, description, cents) = ITEMS[item];
    let price = json!({"amount": dollars(cents), "currency": "USD"});
    json!({"itemId": id, "title": title, "description": description, "quantity": quantity, "unitPrice": price})
}

/// Some minute of a day that is over.
fn placed_at(today: NaiveDate, days_ago: u64, random: &mut Random) -> String {
    let day = today.checked_sub_days(Days::new(days_ago)).unwrap_or(today);
    let minute = NaiveTime::from_num_seconds_from_midnight_opt(60 * random.below(24 * 60), 0).unwrap_or_default();
    format!("{}Z", day.and_time(minute).format("%Y-%m-%dT%H:%M:%S"))
}

fn has_alternate_address(customer: &Value) -> bool {
    let mut addresses = customer["addresses"].as_array().into_iter().flatten();
    addresses.any(|address| address["type"] == "SHIPPING_ALTERNATE")
}

fn some_end(days_ago: u64, random: &mut Random) -> End {
    match random.below(100) {
        0..8 => End::Cancelled,
        8..95 if days_ago > STILL_WAITING => End::Fulfilled,
        8..25 => End::Fulfilled,
        _ => End::None,
    }
}

/// SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>): no library's generator promises the same numbers for ever.
struct Random(u64);

impl Random {
    /// A number from 0 to `bound` - 1.
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        // The product's upper half: as even as the 64 bits are.
        ((u128::from(z) * u128::from(bound)) >> 64) as u32
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet, HashMap};

    use super::*;

    fn on(day: &str) -> Vec<SampleOrder> {
        orders(day.parse().unwrap(), &customers::all().unwrap())
    }

    /// Takes it out, so that the rest can be compared.
    fn placed_at_of(order: &mut SampleOrder) -> Option<String> {
        let placed_at = order.body.as_object_mut().unwrap().remove("placedAt")?;
        Some(placed_at.as_str().unwrap().to_owned())
    }

    fn items(order: &SampleOrder) -> impl Iterator<Item = &str> {
        order.body["items"].as_array().unwrap().iter().map(|line| line["itemId"].as_str().unwrap())
    }

    #[test]
    fn the_same_day_gives_the_same_orders_and_another_day_moves_only_their_days() {
        let (monday, tuesday) = (on("2026-11-23"), on("2026-11-24"));
        assert_eq!(monday, on("2026-11-23"));
        for (mut earlier, mut later) in monday.into_iter().zip(tuesday) {
            let (before, after) = (placed_at_of(&mut earlier), placed_at_of(&mut later));
            assert!(before < after || (before.is_none() && after.is_none()), "{before:?} {after:?}");
            assert_eq!(earlier, later);
        }
    }

    #[test]
    fn the_three_with_names_are_placed_when_they_are_loaded() {
        let orders = on("2026-11-23");
        let named: Vec<_> = orders.iter().filter(|order| order.body.get("placedAt").is_none()).collect();
        assert_eq!(
            named.iter().map(|order| &*order.id).collect::<Vec<_>>(),
            ["6119", "sample-cancel", "sample-fulfil"]
        );
        assert!(named.iter().all(|order| order.end == End::None));
        assert_eq!(
            named[0].body,
            json!({"id": "6119", "customerId": "12345", "items": [
                {"itemId": "z3333", "quantity": 6}, {"itemId": "z4444", "quantity": 3},
            ]})
        );
        assert!(orders[1..].iter().flat_map(items).all(|item| !["z3333", "z4444"].contains(&item)));
        assert_eq!(orders.iter().filter(|order| order.customer == "12345").count(), 1);
    }

    #[test]
    fn every_order_can_be_placed() {
        let customers = customers::all().unwrap();
        let by_id: HashMap<String, &Value> =
            customers.iter().map(|customer| (customers::id(customer), customer)).collect();
        let destroyed = ["sample-put", "sample-patch", "sample-delete"];
        let mut ids = BTreeSet::new();
        for order in on("2026-11-23") {
            assert!(ids.insert(order.id.clone()) && order.body["id"] == order.id, "{}", order.id);
            assert!(!destroyed.contains(&&*order.customer) && order.body["customerId"] == order.customer);
            let addresses = by_id[&order.customer]["addresses"].as_array().unwrap();
            let goes_to = order.body.get("shipTo");
            let fits = |kind: &Value| goes_to.map_or(kind == "SHIPPING" || kind == "BILLING", |wanted| kind == wanted);
            assert!(addresses.iter().any(|address| fits(&address["type"])), "{}", order.id);
            assert!((1..=4).contains(&order.body["items"].as_array().unwrap().len()));
            let quantities =
                order.body["items"].as_array().unwrap().iter().map(|line| line["quantity"].as_u64().unwrap());
            assert!(quantities.into_iter().all(|quantity| (1..=8).contains(&quantity)));
        }
        assert_eq!(ids.len(), SOME as usize + 3);
    }

    #[test]
    fn they_spread_over_eight_months_and_none_is_of_today_or_later() {
        let orders = on("2026-11-23");
        let days = orders.iter().filter_map(|order| order.body["placedAt"].as_str());
        let mut months = BTreeMap::<&str, u32>::new();
        for day in days {
            assert!(("2026-03-28"..="2026-11-22").contains(&&day[..10]), "{day}");
            assert!(chrono::DateTime::parse_from_rfc3339(day).is_ok(), "{day}");
            *months.entry(&day[..7]).or_default() += 1;
        }
        assert!(months.len() >= 8 && months["2026-10"] > months["2026-05"], "{months:?}");
    }

    #[test]
    fn they_show_every_item_and_every_end() {
        let orders = on("2026-11-23");
        let sold: BTreeSet<&str> = orders.iter().flat_map(items).collect();
        assert_eq!(sold.len(), ITEMS.len() + 2);
        let count = |end| orders.iter().filter(|order| order.end == end).count();
        let (waiting, sent, called_off) = (count(End::None), count(End::Fulfilled), count(End::Cancelled));
        assert!(waiting >= 15 && sent >= 200 && called_off >= 10, "{waiting} {sent} {called_off}");
        let elsewhere = orders.iter().filter(|order| order.body.get("shipTo").is_some()).count();
        assert!(elsewhere >= 5, "{elsewhere}");
    }
}
