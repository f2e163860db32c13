//! Examples that work unedited, once each and in any order, on a stack with the sample data: the one below has no id, and
//! what ends an order has a sample of its own (`sample-cancel`, `sample-fulfil`).

use serde_json::{Value, json};

/// An order of the well-known sample customer.
pub fn new_order() -> Value {
    json!({
        "customerId": "12345",
        "items": [
            {"itemId": "z3333", "title": "Coffee, 250 g", "description": "Whole beans, medium roast", "quantity": 6,
             "unitPrice": {"amount": "12.50", "currency": "USD"}},
            {"itemId": "z4444", "title": "Paper filters, 100", "quantity": 3,
             "unitPrice": {"amount": "3.75", "currency": "USD"}},
        ],
        "shipTo": "SHIPPING",
    })
}
