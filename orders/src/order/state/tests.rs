//! The rules as given, when, then.

use proptest::prelude::*;
use serde_json::json;
use shared_events::customer::AddressType::{self, Billing, Shipping, ShippingAlternate};
use shared_events::envelope::EventData;
use shared_events::order::OrderChange;

use super::*;
use crate::order::draft::PlacedAt;
use crate::order::samples::{after, at, deleted, draft, john, parse, placed, sample};

const ALL: [AddressType; 3] = [Billing, Shipping, ShippingAlternate];

fn place_for(customer: Option<Customer>, ship_to: Option<&str>) -> Result<Order, Refusal> {
    let mut body = sample();
    body["shipTo"] = json!(ship_to);
    let command = Command::Place { id: "6119".parse().unwrap(), draft: draft(&body), customer, at: at(0) };
    match decide(None, command)? {
        Decision::Changed(next) => Ok(next.state),
        Decision::Unchanged => unreachable!("nothing was there"),
    }
}

fn cancel(customer: Option<Customer>) -> Command {
    Command::Cancel { customer, at: at(5) }
}

fn fulfil(customer: Option<Customer>) -> Command {
    Command::Fulfil { customer, at: at(5) }
}

fn changed(decision: Result<Decision, Refusal>) -> NextVersion {
    match decision.unwrap() {
        Decision::Changed(next) => *next,
        Decision::Unchanged => unreachable!("the command changes something"),
    }
}

#[test]
fn an_order_is_placed_with_all_of_its_lines_and_a_total() {
    let order = placed(&[Shipping]);
    assert_eq!((order.id.as_str(), order.customer_id.as_str(), order.version), ("6119", "12345", 1));
    let lines: Vec<_> = order.items.iter().map(|line| (line.item_id.as_str(), line.quantity)).collect();
    assert_eq!(lines, [("z3333", 6), ("z4444", 3)]);
    assert_eq!(order.total.unwrap().amount, "86.25");
    assert_eq!((order.status, order.placed_at, order.updated_at), (OrderStatus::Placed, at(0), at(0)));
    assert_eq!(order.recipient, None, "until it is sent, the address is the customer's to change");
}

#[test]
fn what_is_placed_is_what_the_event_says_has_changed() {
    let place = |body: serde_json::Value| Command::Place {
        id: "6119".parse().unwrap(),
        draft: draft(&body),
        customer: Some(john(1, &ALL)),
        at: at(0),
    };
    assert_eq!(changed(decide(None, place(sample()))).changed, ["customerId", "items", "shipTo", "total"]);
    let mut unpriced = sample();
    unpriced["items"][0]["unitPrice"] = json!(null);
    assert_eq!(changed(decide(None, place(unpriced))).changed, ["customerId", "items", "shipTo"]);
}

#[test]
fn it_ships_where_it_says_or_else_to_shipping_or_else_to_billing() {
    let ship_to = |customer, wanted| place_for(Some(customer), wanted).map(|order| order.ship_to);
    assert_eq!(ship_to(john(1, &ALL), Some("SHIPPING_ALTERNATE")), Ok(ShippingAlternate));
    assert_eq!(ship_to(john(1, &ALL), None), Ok(Shipping));
    assert_eq!(ship_to(john(1, &[ShippingAlternate, Billing]), None), Ok(Billing));
    for (kinds, wanted) in [(&ALL[..2], Some(ShippingAlternate)), (&ALL[2..], None), (&[], None), (&[], Some(Billing))]
    {
        let refused = ship_to(john(1, kinds), wanted.map(AddressType::word));
        assert_eq!(refused, Err(Refusal::NoSuchAddress { wanted, there: kinds.to_vec() }));
    }
}

#[test]
fn nothing_is_placed_for_who_is_unknown_or_was_deleted() {
    assert_eq!(place_for(None, None), Err(Refusal::NoSuchCustomer));
    assert_eq!(place_for(Some(deleted(john(1, &ALL))), None), Err(Refusal::CustomerDeleted));
    let both = place_for(Some(deleted(john(1, &[Billing]))), Some("SHIPPING"));
    assert_eq!(both, Err(Refusal::NoSuchAddress { wanted: Some(Shipping), there: vec![Billing] }), "422 before 409");
}

#[test]
fn a_taken_id_is_refused() {
    let command = Command::Place {
        id: "6119".parse().unwrap(),
        draft: draft(&sample()),
        customer: Some(john(1, &ALL)),
        at: at(1),
    };
    assert_eq!(decide(Some(&placed(&ALL)), command), Err(Refusal::IdTaken));
}

#[test]
fn a_sample_of_the_past_is_placed_then_and_made_now() {
    let mut body = sample();
    body["placedAt"] = json!("2026-05-01T10:00:00+02:00");
    let draft = crate::order::body::new_order(&parse(&body), PlacedAt::Until(at(0))).unwrap().draft;
    let order =
        after(None, Command::Place { id: "6119".parse().unwrap(), draft, customer: Some(john(1, &ALL)), at: at(0) });
    assert_eq!((order.placed_at.to_string().as_str(), order.updated_at), ("2026-05-01T08:00:00.000Z", at(0)));
}

#[test]
fn fulfilment_freezes_name_and_address_as_they_are_then() {
    let next = changed(decide(Some(&placed(&[Shipping])), fulfil(Some(john(7, &[Shipping])))));
    assert_eq!((next.kind, next.changed), (FULFILLED, parts(["status", "recipient", "fulfilledAt"])));
    let order = next.state;
    assert_eq!((order.status, order.version), (OrderStatus::Fulfilled, 2));
    assert_eq!((order.fulfilled_at, order.cancelled_at, order.updated_at), (Some(at(5)), None, at(5)));
    let recipient = order.recipient.unwrap();
    assert_eq!((recipient.customer_version, recipient.address.unwrap().city.as_str()), (7, "Sunset 7"));
}

#[test]
fn nothing_is_sent_nowhere_or_to_somebody_who_was_deleted() {
    let order = placed(&[Shipping]);
    assert_eq!(decide(Some(&order), fulfil(Some(john(7, &[Billing])))), Err(Refusal::NowhereToSend(Shipping)));
    assert_eq!(decide(Some(&order), fulfil(Some(deleted(john(7, &[Shipping]))))), Err(Refusal::CustomerDeleted));
    assert_eq!(decide(Some(&order), fulfil(None)), Err(Refusal::CustomerAway));
}

#[test]
fn cancelling_freezes_what_was_last_shown_and_never_fails_for_want_of_an_address() {
    for (customer, address) in [
        (john(7, &[Shipping]), Some("Sunset 7")),
        (deleted(john(7, &[Shipping])), Some("Sunset 7")),
        (john(7, &[Billing]), None),
        (deleted(john(7, &[])), None),
    ] {
        let next = changed(decide(Some(&placed(&[Shipping])), cancel(Some(customer.clone()))));
        assert_eq!((next.kind, next.changed), (CANCELLED, parts(["status", "recipient", "cancelledAt"])));
        let order = next.state;
        assert_eq!((order.status, order.cancelled_at), (OrderStatus::Cancelled, Some(at(5))));
        let recipient = order.recipient.unwrap();
        assert_eq!((recipient.customer_version, recipient.customer_status), (customer.version, customer.status));
        assert_eq!(recipient.address.map(|address| address.city).as_deref(), address);
    }
    assert_eq!(decide(Some(&placed(&[Shipping])), cancel(None)), Err(Refusal::CustomerAway));
}

#[test]
fn repeating_what_is_already_so_changes_nothing_and_needs_no_customer() {
    let sent = after(Some(&placed(&[Shipping])), fulfil(Some(john(7, &[Shipping]))));
    let called_off = after(Some(&placed(&[Shipping])), cancel(Some(john(7, &[]))));
    for customer in [None, Some(john(9, &[])), Some(deleted(john(9, &ALL)))] {
        assert_eq!(decide(Some(&sent), fulfil(customer.clone())), Ok(Decision::Unchanged));
        assert_eq!(decide(Some(&called_off), cancel(customer)), Ok(Decision::Unchanged));
    }
}

#[test]
fn both_ends_are_for_ever() {
    let sent = after(Some(&placed(&[Shipping])), fulfil(Some(john(7, &[Shipping]))));
    let called_off = after(Some(&placed(&[Shipping])), cancel(Some(john(7, &[]))));
    assert_eq!(decide(Some(&sent), cancel(None)), Err(Refusal::Fulfilled));
    assert_eq!(decide(Some(&called_off), fulfil(Some(john(9, &ALL)))), Err(Refusal::Cancelled));
}

#[test]
fn what_is_not_there_cannot_be_ended() {
    assert_eq!(decide(None, cancel(Some(john(1, &ALL)))), Err(Refusal::NotFound));
    assert_eq!(decide(None, fulfil(None)), Err(Refusal::NotFound));
}

proptest! {
    /// Whatever is asked in whatever order, for whatever is known of the customer then: what is committed is an order that the
    /// contract allows, one version after the other, and once it has come to its end it stays as it is.
    #[test]
    fn every_history_is_one_that_the_contract_allows(
        steps in prop::collection::vec((any::<bool>(), 0..8_usize, any::<bool>(), any::<bool>()), 0..8),
    ) {
        let mut order = placed(&[Shipping]);
        for (version, (sends, kinds, is_deleted, is_known)) in (2..).zip(steps) {
            let kinds: Vec<_> = ALL.into_iter().enumerate().filter(|(bit, _)| kinds & (1 << bit) != 0).collect();
            let kinds: Vec<_> = kinds.into_iter().map(|(_, kind)| kind).collect();
            let customer = john(version, &kinds);
            let customer = Some(if is_deleted { deleted(customer) } else { customer }).filter(|_| is_known);
            let decision = decide(Some(&order), if sends { fulfil(customer) } else { cancel(customer) });
            if let Ok(Decision::Changed(next)) = decision {
                prop_assert_eq!(order.status, OrderStatus::Placed);
                prop_assert_eq!(next.state.version, order.version + 1);
                order = next.state;
            }
            let change = OrderChange { order: order.clone(), changed: Vec::new() };
            prop_assert_eq!(change.check(), Ok(()));
        }
    }
}
