//! What is written is what is read, whatever it says.

use proptest::prelude::*;
use shared_events::{envelope, time::Timestamp};

use crate::samples::{
    Sampled,
    any::{any_event, any_time, any_version},
    for_every_aggregate,
};

for_every_aggregate!(an_event_comes_back_as_it_was, sequences_sort_as_text_as_they_do_as_numbers);

fn an_event_comes_back_as_it_was<D: Sampled>() {
    proptest!(|(event in any_event::<D>())| {
        let record = envelope::encode(&event).unwrap();
        prop_assert_eq!(&record.key, event.data.id());
        prop_assert_eq!(envelope::decode(&record.as_raw()), Ok(event));
    });
}

fn sequences_sort_as_text_as_they_do_as_numbers<D: Sampled>() {
    proptest!(|(a in any_version(), b in any_version(), event in any_event::<D>())| {
        let text = |version| {
            let mut event = event.clone();
            event.envelope.sequence = version;
            envelope::encode(&event).unwrap().header("ce_sequence").unwrap().to_owned()
        };
        prop_assert_eq!(text(a).cmp(&text(b)), a.cmp(&b));
    });
}

proptest! {
    #[test]
    fn a_time_comes_back_from_its_text_and_sorts_as_text(a in any_time(), b in any_time()) {
        prop_assert_eq!(Timestamp::parse(&a.to_string()), Ok(a));
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&serde_json::to_string(&a).unwrap()).unwrap(), a);
        prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
    }

    #[test]
    fn the_next_time_is_later_and_can_be_read(at in any_time()) {
        let next = at.next();
        prop_assert!(next > at || at.millis() == 253_402_300_799_999);
        prop_assert_eq!(Timestamp::parse(&next.to_string()), Ok(next));
    }

    #[test]
    fn any_text_is_a_time_or_is_refused(text in any::<String>()) {
        if let Ok(at) = Timestamp::parse(&text) {
            prop_assert_eq!(Timestamp::parse(&at.to_string()), Ok(at));
        }
    }
}
