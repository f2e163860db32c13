//! A client of the earlier system of this domain works unmodified: same paths, same bodies, same texts.

use serde_json::json;

use crate::support::client::{self, accepted, answer};
use crate::support::customers::SAMPLE;
use crate::support::eventually::eventually;
use crate::support::world::World;

#[tokio::test]
async fn the_sample_customer_of_an_earlier_client_is_soon_in_orders_with_both_addresses() {
    let world = World::new().await;
    let (accounts, orders) = tokio::join!(world.accounts(), world.orders());
    let http = client::http();

    let sample = http.post(format!("{}/accounts/customer/create", accounts.url()));
    let created = accepted(sample.header("Content-Type", "application/json").body(SAMPLE)).await;
    assert_eq!(created.status, 201, "{created}");
    assert_eq!(created.text(), "Customer account created!");
    assert!(created.header("content-type").unwrap().starts_with("text/plain"));

    let found = eventually("the customer is in orders", || async {
        let found = answer(http.get(format!("{}/orders/order/12345", orders.url()))).await;
        if found.status == 200 { Ok(found) } else { Err(found.to_string()) }
    })
    .await;
    let address = |kind: &str, description: &str| {
        json!({
            "type": kind, "description": description, "address1": "123 Oak Street",
            "city": "Sunrise", "state": "CA", "postalCode": "12345-6789",
        })
    };
    assert_eq!(
        found.json(),
        json!({
            "id": "12345",
            "name": { "title": "Mr.", "firstName": "John", "middleName": "S.", "lastName": "Doe", "suffix": "Jr." },
            "contact": {
                "primaryPhone": "555-666-7777", "secondaryPhone": "555-444-9898", "email": "john.doe@internet.com",
            },
            "addresses": [address("BILLING", "My cc billing address"), address("SHIPPING", "My home address")],
            "orders": [],
        })
    );

    // Until then neither a list nor "unknown" would be the truth.
    orders.caught_up().await;
    let list = answer(http.get(format!("{}/orders/list", orders.url()))).await;
    assert_eq!((list.status, list.json()), (200, json!([found.json()])));

    let unknown = answer(http.get(format!("{}/orders/order/54321", orders.url()))).await;
    assert_eq!((unknown.status, unknown.text().as_str()), (404, "Customer not found!"));
    assert!(unknown.header("content-type").unwrap().starts_with("text/plain"));
    accounts.stop().await;
    orders.stop().await;
    world.end().await;
}

#[tokio::test]
async fn an_earlier_client_that_posts_again_replaces_the_customer() {
    let world = World::new().await;
    let (accounts, orders) = tokio::join!(world.accounts(), world.orders());
    let http = client::http();
    for (street, version) in [("123 Oak Street", 1), ("7 Elm Street", 2)] {
        let body = SAMPLE.replace("123 Oak Street", street);
        let create = http.post(format!("{}/accounts/customer/create", accounts.url()));
        let created = accepted(create.header("Content-Type", "application/json").body(body)).await;
        assert_eq!((created.status, created.version()), (201, Some(version)), "{created}");
    }
    eventually("the new street is in orders", || async {
        let found = answer(http.get(format!("{}/orders/order/12345", orders.url()))).await;
        if found.text().contains("7 Elm Street") { Ok(()) } else { Err(found.to_string()) }
    })
    .await;
    accounts.stop().await;
    orders.stop().await;
    world.end().await;
}
