//! A customer with their orders: the first page and where it goes on, its tag, and the shape of the earlier system.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bodies::{placed_at, sample, small, with};
use crate::customer::{city, sample as customer};
use crate::harness::World;

fn ids(orders: &Value, name: &str) -> Vec<String> {
    orders.as_array().unwrap().iter().map(|order| order[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_customer_is_shown_with_the_first_page_of_their_orders_and_where_it_goes_on() {
    let world = World::with(&[("samples.placed_at", "true")]).await;
    world.knows(customer("12345", 1)).await;
    world.knows(customer("other", 1)).await;
    world.place(&small("foreign", "other")).await;
    for number in 0..53 {
        let at = format!("2026-02-01T00:{number:02}:00Z");
        world.place(&placed_at(&format!("o{number:02}"), "12345", &at)).await;
    }
    world.knows(customer("12345", 2)).await;
    let shown = world.get("/orders/customers/12345").await;
    let orders = shown.json()["orders"].clone();
    let newest: Vec<_> = (3..53).rev().map(|number| format!("o{number:02}")).collect();
    assert_eq!(ids(&orders["items"], "id"), newest);
    assert_eq!(orders["items"][0]["shippingAddress"]["city"], city(2));

    let next = shown.link("next").unwrap();
    assert!(
        next.starts_with("/orders?customerId=12345&cursor=") && next.ends_with(orders["next"].as_str().unwrap()),
        "{next}"
    );
    let rest = world.get(&next).await;
    assert_eq!(
        (ids(&rest.json()["items"], "id"), rest.link("next")),
        (vec!["o02".to_owned(), "o01".to_owned(), "o00".to_owned()], None)
    );
}

#[tokio::test]
async fn its_tag_changes_with_the_customer_and_with_each_of_the_orders() {
    let world = World::new().await;
    world.knows(customer("12345", 1)).await;
    let path = "/orders/customers/12345";
    let mut tags = Vec::new();
    for step in 0..5 {
        match step {
            0 => {}
            1 => drop(world.place(&small("a", "12345")).await),
            2 => drop(world.place(&small("b", "12345")).await),
            3 => drop(world.act("a", "cancel", &[]).await),
            _ => world.knows(customer("12345", 2)).await,
        }
        let shown = world.get(path).await;
        let tag = shown.header("etag").unwrap().to_owned();
        let same = world.get_with(path, &[("If-None-Match", &tag)]).await;
        assert_eq!((same.status, same.header("etag")), (StatusCode::NOT_MODIFIED, Some(tag.as_str())));
        tags.push(tag);
    }
    for (index, tag) in tags.iter().enumerate() {
        assert!(!tags[..index].contains(tag), "{tags:?}");
    }
}

#[tokio::test]
async fn clients_of_the_earlier_system_find_the_orders_in_the_shape_that_they_know() {
    let world = World::with(&[("samples.placed_at", "true")]).await;
    for id in ["12345", "second", "third"] {
        world.knows(customer(id, 1)).await;
    }
    world.place(&with(sample(), "/items/1/unitPrice", json!(null))).await;
    for number in 0..101 {
        let at = format!("2026-02-01T{:02}:{:02}:00Z", number / 60, number % 60);
        world.place(&placed_at(&format!("o{number:03}"), "second", &at)).await;
    }
    let first = world.get("/orders/order/12345").await;
    let expected = json!([{
        "guid": "6119",
        "orderItems": [
            {"product": {"guid": "z3333", "title": "Coffee", "description": "Whole beans", "price": 12.5}, "quantity": 6},
            {"product": {"guid": "z4444", "title": null, "description": null, "price": null}, "quantity": 3},
        ],
    }]);
    assert_eq!((first.status, first.json()["orders"].clone()), (StatusCode::OK, expected));

    let second = world.get("/orders/order/second").await.json();
    let newest: Vec<_> = (1..101).rev().map(|number| format!("o{number:03}")).collect();
    assert_eq!(ids(&second["orders"], "guid"), newest);
    let list = world.get("/orders/list").await.json();
    assert_eq!(list, json!([first.json(), second, world.get("/orders/order/third").await.json()]));
    assert_eq!(list[2]["orders"], json!([]));
}
