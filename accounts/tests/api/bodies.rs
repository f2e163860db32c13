//! Bodies for the tests.

use serde_json::{Value, json};

use crate::harness::SAMPLE;

/// A customer with every member that can be sent. The name makes id and e-mail unique.
pub(crate) fn full(id: &str) -> Value {
    json!({
        "id": id,
        "name": {"title": "Dr.", "firstName": "José", "middleName": "M.", "lastName": "O'Brien", "suffix": "Jr."},
        "contact": {"primaryPhone": "+1 (555) 666-7777", "secondaryPhone": "555 666 7778",
                    "email": format!("{id}@example.com")},
        "addresses": [
            {"type": "BILLING", "description": "Home", "address1": "1 Way", "address2": "Flat 2", "city": "Köln",
             "state": "NRW", "postalCode": "50667", "country": "DE"},
            {"type": "SHIPPING", "address1": "2 Way", "city": "李", "state": "S"},
        ],
        "creditCards": [
            {"type": "PRIMARY", "description": "Work", "number": "4111 1111 1111 1111", "expiration": "6/29",
             "nameOnCard": "José O'Brien"},
        ],
    })
}

/// The smallest customer.
pub(crate) fn small(id: &str) -> Value {
    json!({
        "id": id,
        "name": {"firstName": "Ann", "lastName": "Lee"},
        "contact": {"primaryPhone": "5556667777", "email": format!("{id}@example.com")},
    })
}

/// The well-known sample.
pub(crate) fn sample() -> Value {
    serde_json::from_str(SAMPLE).unwrap()
}

/// The body with one value put at a pointer.
pub(crate) fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
    match name.parse::<usize>() {
        Ok(index) => match parent.as_array_mut().unwrap() {
            items if index < items.len() => items[index] = value,
            items => items.push(value),
        },
        Err(_) => parent[name] = value,
    }
    body
}

/// The body without the member at a pointer.
pub(crate) fn without(mut body: Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    body
}
