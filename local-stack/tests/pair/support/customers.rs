//! Customers as requests carry them. Every write has a *mark* in it, a text that no other write has: it tells in the
//! topic which request made a version.

use serde_json::{Value, json};

/// A complete customer. The card comes with its number once; later the stored one is kept.
pub(crate) fn body(id: &str, mark: &str, card_number: Option<&str>) -> Value {
    let mut body = json!({
        "name": { "title": "Ms.", "firstName": "Anne-Marie", "lastName": "O'Brien" },
        "contact": { "primaryPhone": "555-666-7777", "email": format!("{id}@example.com") },
        "addresses": [
            address("BILLING", "12 Billing Road"),
            address("SHIPPING", mark),
        ],
        "creditCards": [{
            "type": "PRIMARY", "description": "the blue one", "expiration": "2031-06", "nameOnCard": "A O'Brien",
        }],
    });
    if let Some(number) = card_number {
        body["creditCards"][0]["number"] = number.into();
    }
    body
}

/// The same with its id, to create it.
pub(crate) fn creation(id: &str, mark: &str) -> Value {
    let mut body = body(id, mark, Some("4111 1111 1111 1111"));
    body["id"] = id.into();
    body
}

pub(crate) fn address(kind: &str, address1: &str) -> Value {
    json!({
        "type": kind, "address1": address1, "city": "Sunrise", "state": "CA", "postalCode": "12345-6789", "country": "US",
    })
}

/// The mark of a customer's state, wherever it was found.
pub(crate) fn mark(customer: &Value) -> Option<&str> {
    let addresses = customer["addresses"].as_array()?;
    addresses.iter().find(|address| address["type"] == "SHIPPING")?["address1"].as_str()
}

/// The sample of this domain, as it has always been posted.
pub(crate) const SAMPLE: &str = r#"{"id":12345,"name":{"title":"Mr.","firstName":"John","middleName":"S.","lastName":"Doe","suffix":"Jr."},
 "contact":{"primaryPhone":"555-666-7777","secondaryPhone":"555-444-9898","email":"john.doe@internet.com"},
 "addresses":[{"type":"BILLING","description":"My cc billing address","address1":"123 Oak Street","address2":null,"city":"Sunrise","state":"CA","postalCode":"12345-6789"},
              {"type":"SHIPPING","description":"My home address","address1":"123 Oak Street","address2":null,"city":"Sunrise","state":"CA","postalCode":"12345-6789"}],
 "creditCards":[{"type":"PRIMARY","description":"VISA","number":"1234-6789-0000-0000","expiration":"6/19","nameOnCard":"John S. Doe"},
                {"type":"ALTERNATE","description":"Corporate American Express","number":"9999-8888-7777-6666","expiration":"3/20","nameOnCard":"John Doe"}]}"#;
