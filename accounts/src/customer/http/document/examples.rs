//! Examples that work unedited, once each and in any order, on a stack with the sample data: none has an id or an
//! e-mail address that another one needs, and what destroys something has a customer of its own.

use serde_json::{Value, json};

/// The customer that operations read.
pub const SAMPLE_ID: &str = "12345";

/// A create: without an id, and with an e-mail address that no sample has.
pub fn new_customer() -> Value {
    json!({
        "name": {"title": "Dr.", "firstName": "Jane", "lastName": "Roe"},
        "contact": {"primaryPhone": "+1 415 555 0132", "email": "jane.roe@example.org"},
        "addresses": [
            {"type": "SHIPPING", "description": "Reception", "address1": "1 Market Street", "city": "San Francisco",
             "state": "CA", "postalCode": "94105", "country": "US"},
        ],
        "creditCards": [
            {"type": "PRIMARY", "description": "Travel", "number": "4111 1111 1111 1111", "expiration": "6/31",
             "nameOnCard": "Jane Roe"},
        ],
    })
}

/// The lines of an import: customers without ids, with e-mail addresses that no sample and no other example has.
pub const IMPORT: &str = r#"{"name":{"firstName":"Iris","lastName":"Import"},"contact":{"primaryPhone":"+1 503 555 0164","email":"iris.import@example.org"},"addresses":[{"type":"SHIPPING","address1":"7 Harbour Road","city":"Portland","state":"OR","postalCode":"97201","country":"US"}]}
{"name":{"firstName":"Ivan","lastName":"Import"},"contact":{"primaryPhone":"+1 503 555 0165","email":"ivan.import@example.org"}}
"#;

/// The replacement of `sample-put`.
pub fn replacement() -> Value {
    json!({
        "name": {"firstName": "Petra", "lastName": "Nováková"},
        "contact": {"primaryPhone": "+420 601 555 010", "email": "sample-put@example.com"},
        "addresses": [
            {"type": "SHIPPING", "address1": "Nerudova 7", "city": "Praha", "state": "Praha", "postalCode": "118 00",
             "country": "CZ"},
        ],
        "creditCards": [
            {"type": "PRIMARY", "number": "5555 5555 5555 4444", "expiration": "2032-01", "nameOnCard": "Petra Nováková"},
        ],
    })
}

/// The patch of `sample-patch`.
pub fn patch() -> Value {
    json!({"name": {"title": "Prof.", "suffix": null}, "contact": {"primaryPhone": "+351 912 555 099"}})
}

/// The well-known sample.
pub fn sample() -> Value {
    serde_json::from_str(super::super::legacy::SAMPLE).unwrap_or_default()
}
