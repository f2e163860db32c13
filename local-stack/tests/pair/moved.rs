//! The sentence for which this system exists: while an order waits it ships to where its customer lives *now*, and what
//! was true when it was fulfilled or cancelled stays in it. Both services, joined by nothing but the topic; every step
//! carries the token of the one before, and nothing sleeps.

use serde_json::{Value, json};

use crate::support::client::{self, Answer, accepted, answer};
use crate::support::instance::Instance;
use crate::support::world::World;

const TOKEN: &str = "Consistency-Token";
const WAIT: (&str, &str) = ("Prefer", "wait=30");

/// Both services, and a client that carries tokens.
struct Shop {
    http: reqwest::Client,
    accounts: Instance,
    orders: Instance,
}

impl Shop {
    async fn open(world: &World) -> Self {
        let (accounts, orders) = tokio::join!(world.accounts(), world.orders());
        Self { http: client::http(), accounts, orders }
    }

    /// A customer of accounts; the token of its creation.
    async fn customer(&self, id: &str, city: &str) -> String {
        let customer = json!({
            "id": id,
            "name": { "firstName": "John", "lastName": "Doe" },
            "contact": { "primaryPhone": "555-666-7777", "email": format!("{id}@example.org") },
            "addresses": [address(city)],
        });
        let created =
            accepted(self.http.post(format!("{}/accounts/customers", self.accounts.url())).json(&customer)).await;
        assert_eq!(created.status, 201, "{created}");
        token(&created)
    }

    /// The customer moves; the token of that.
    async fn moves(&self, id: &str, city: &str) -> String {
        let url = format!("{}/accounts/customers/{id}", self.accounts.url());
        let moved =
            answer(self.http.patch(url).header("If-Match", "*").json(&json!({ "addresses": [address(city)] }))).await;
        assert_eq!(moved.status, 200, "{moved}");
        token(&moved)
    }

    async fn places(&self, id: &str, customer: &str, seen: &str) -> Answer {
        let items = json!([{ "itemId": "z3333", "quantity": 6 }, { "itemId": "z4444", "quantity": 3 }]);
        let order = json!({ "id": id, "customerId": customer, "items": items });
        let request =
            self.http.post(format!("{}/orders", self.orders.url())).header(TOKEN, seen).header(WAIT.0, WAIT.1);
        let placed = accepted(request.json(&order)).await;
        assert_eq!(placed.status, 201, "{placed}");
        placed
    }

    /// An answer of orders that is not older than the tokens say.
    async fn reads(&self, path: &str, seen: &str) -> Answer {
        answer(self.http.get(format!("{}{path}", self.orders.url())).header(TOKEN, seen).header(WAIT.0, WAIT.1)).await
    }

    /// `fulfil` or `cancel`, of exactly the state that has this tag.
    async fn settles(&self, id: &str, action: &str, tag: &str, seen: &str) -> Answer {
        let url = format!("{}/orders/{id}/{action}", self.orders.url());
        answer(self.http.post(url).header("If-Match", tag).header(TOKEN, seen).header(WAIT.0, WAIT.1)).await
    }

    async fn close(self, world: World) {
        self.accounts.stop().await;
        self.orders.stop().await;
        world.end().await;
    }
}

fn address(city: &str) -> Value {
    json!({ "type": "SHIPPING", "address1": "1 Long Street", "city": city, "state": "CA", "country": "US" })
}

fn token(answer: &Answer) -> String {
    answer.token().expect("an answer about one entity carries its token").to_owned()
}

fn city(answer: &Answer) -> Value {
    answer.json()["shippingAddress"]["city"].clone()
}

#[tokio::test]
async fn an_address_change_reaches_an_order_that_is_not_yet_fulfilled_and_none_that_is() {
    let world = World::new().await;
    let shop = Shop::open(&world).await;
    let seen = shop.customer("12345", "Sunrise").await;
    let placed = shop.places("6119", "12345", &seen).await;
    assert_eq!((city(&placed), placed.etag()), (json!("Sunrise"), Some("\"1.1\"")), "{placed}");

    let seen = shop.moves("12345", "Oslo").await;
    let moved = shop.reads("/orders/6119", &seen).await;
    assert_eq!((city(&moved), moved.etag()), (json!("Oslo"), Some("\"1.2\"")), "{moved}");

    // The tag of the state before is of no use: neither for "nothing is new" nor for sending the parcel.
    let url = format!("{}/orders/6119", shop.orders.url());
    let again = answer(shop.http.get(url).header("If-None-Match", placed.etag().unwrap())).await;
    assert_eq!(again.status, 200, "{again}");
    let stale = shop.settles("6119", "fulfil", placed.etag().unwrap(), &seen).await;
    assert_eq!((stale.status, stale.etag()), (412, moved.etag()), "{stale}");
    let fulfilled = shop.settles("6119", "fulfil", moved.etag().unwrap(), &seen).await;
    assert_eq!(
        (fulfilled.status, city(&fulfilled), fulfilled.etag()),
        (200, json!("Oslo"), Some("\"2\"")),
        "{fulfilled}"
    );

    let seen = shop.moves("12345", "Lima").await;
    let kept = shop.reads("/orders/6119", &seen).await;
    assert_eq!((city(&kept), kept.json()["status"].clone()), (json!("Oslo"), json!("FULFILLED")), "{kept}");
    let waiting = shop.places("6120", "12345", &seen).await;
    assert_eq!(city(&waiting), "Lima", "{waiting}");
    shop.close(world).await;
}

#[tokio::test]
async fn the_order_of_a_customer_who_is_deleted_shows_the_last_address_and_can_only_be_cancelled() {
    let world = World::new().await;
    let shop = Shop::open(&world).await;
    let seen = shop.customer("gone", "Sunrise").await;
    shop.places("last", "gone", &seen).await;
    let url = format!("{}/accounts/customers/gone", shop.accounts.url());
    let deleted = answer(shop.http.delete(url).header("If-Match", "*")).await;
    assert_eq!(deleted.status, 204, "{deleted}");
    let seen = token(&deleted);

    let shown = shop.reads("/orders/last", &seen).await;
    assert_eq!((city(&shown), shown.json()["customerStatus"].clone()), (json!("Sunrise"), json!("DELETED")), "{shown}");
    let refused = shop.settles("last", "fulfil", "*", &seen).await;
    assert_eq!(refused.status, 409, "{refused}");
    let cancelled = shop.settles("last", "cancel", "*", &seen).await;
    assert_eq!((cancelled.status, city(&cancelled)), (200, json!("Sunrise")), "{cancelled}");
    shop.close(world).await;
}

#[tokio::test]
async fn what_is_ordered_is_in_the_reports_and_what_is_cancelled_is_not() {
    let world = World::new().await;
    let shop = Shop::open(&world).await;
    let seen = shop.customer("12345", "Sunrise").await;
    let placed = shop.places("6119", "12345", &seen).await;
    // Until then a report would be of half the orders, and is refused.
    shop.orders.caught_up().await;

    let today = placed.json()["placedAt"].as_str().unwrap()[..10].to_owned();
    let report = shop.reads("/orders/reports/item-sales", &token(&placed)).await;
    let row = |item: &str, ordered: u64| json!({ "itemId": item, "totalOrdered": ordered, "orders": 1, "lastOrderDate": today });
    assert_eq!(report.json()["items"], json!([row("z3333", 6), row("z4444", 3)]), "{report}");
    assert!(report.header("as-of").is_some(), "{report}");
    let monthly = shop.reads("/orders/reports/item-sales/z3333/monthly", &token(&placed)).await;
    assert_eq!(
        (monthly.json()[0]["ordered"].clone(), monthly.json()[0]["month"].clone()),
        (json!(6), json!(today[..7]))
    );

    let cancelled = shop.settles("6119", "cancel", "*", &token(&placed)).await;
    let report = shop.reads("/orders/reports/item-sales", &token(&cancelled)).await;
    assert_eq!(report.json()["items"], json!([]), "{report}");
    let monthly = shop.reads("/orders/reports/item-sales/z3333/monthly", &token(&cancelled)).await;
    assert_eq!(monthly.json(), json!([]), "{monthly}");
    shop.close(world).await;
}
