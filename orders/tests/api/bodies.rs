//! Bodies for the tests.

use serde_json::{Value, json};

/// The well-known sample order of this domain, with prices, for the well-known sample customer.
pub(crate) fn sample() -> Value {
    json!({
        "id": 6119,
        "customerId": "12345",
        "items": [
            {"itemId": "z3333", "title": "Coffee", "description": "Whole beans", "quantity": 6,
             "unitPrice": {"amount": "12.5", "currency": "USD"}},
            {"itemId": "z4444", "quantity": 3, "unitPrice": {"amount": "3.75", "currency": "USD"}},
        ],
    })
}

/// The smallest order with an id.
pub(crate) fn small(id: &str, customer: &str) -> Value {
    json!({"id": id, "customerId": customer, "items": [{"itemId": "z", "quantity": 1}]})
}

/// The same, placed then: only where samples may say so.
pub(crate) fn placed_at(id: &str, customer: &str, at: &str) -> Value {
    with(small(id, customer), "/placedAt", json!(at))
}

/// The body with one value put at a pointer.
pub(crate) fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
    match name.parse::<usize>() {
        Ok(index) => parent[index] = value,
        Err(_) => parent[name] = value,
    }
    body
}

/// The body without its id.
pub(crate) fn anonymous(mut body: Value) -> Value {
    body.as_object_mut().unwrap().remove("id").unwrap();
    body
}
