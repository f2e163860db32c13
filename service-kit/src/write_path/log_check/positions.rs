//! How far the log is known to agree with the database, and what this process learns of that while it publishes.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use bson::{Bson, doc};
use serde::{Deserialize, Serialize};

/// A place in one partition: the next offset, and the id of the event before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Position {
    pub(super) offset: i64,
    pub(super) event_id: String,
}

impl Position {
    pub(super) fn to_bson(&self) -> Bson {
        doc! { "offset": self.offset, "eventId": &self.event_id }.into()
    }
}

/// What this process published since the positions were last stored. Whatever lies below an own acknowledged record
/// was committed to this database, by this instance or by another.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    news: Mutex<HashMap<i32, Position>>,
}

impl Positions {
    pub(crate) fn published(&self, partition: i32, offset: i64, event_id: Option<&str>) {
        let Some(event_id) = event_id else { return };
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        let position = Position { offset: offset + 1, event_id: event_id.to_owned() };
        match news.get(&partition) {
            Some(known) if known.offset >= position.offset => {}
            Some(_) | None => drop(news.insert(partition, position)),
        }
    }

    /// As members of an update: `partitions.3` and the position.
    pub(crate) fn take_news(&self) -> HashMap<String, Bson> {
        let news = std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner));
        news.into_iter().map(|(partition, at)| (format!("partitions.{partition}"), at.to_bson())).collect()
    }

    pub(crate) fn give_back(&self, news: HashMap<String, Bson>) {
        for (key, position) in news {
            let partition = key.trim_start_matches("partitions.").parse();
            if let (Ok(partition), Ok(at)) = (partition, bson::deserialize_from_bson::<Position>(position)) {
                self.published(partition, at.offset - 1, Some(&at.event_id));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(news: &HashMap<String, Bson>) -> Vec<(&str, i64)> {
        let offset = |at: &Bson| at.as_document().unwrap().get_i64("offset").unwrap();
        let mut all: Vec<_> = news.iter().map(|(key, at)| (key.as_str(), offset(at))).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn the_furthest_of_each_partition_is_news_once() {
        let positions = Positions::default();
        for offset in [7, 9, 8] {
            positions.published(3, offset, Some("event"));
        }
        positions.published(4, 0, Some("event"));
        assert_eq!(offsets(&positions.take_news()), [("partitions.3", 10), ("partitions.4", 1)]);
        assert!(positions.take_news().is_empty());
    }

    #[test]
    fn what_could_not_be_stored_is_news_again_unless_there_is_newer() {
        let positions = Positions::default();
        positions.published(3, 7, Some("event"));
        positions.published(4, 7, Some("event"));
        let news = positions.take_news();
        positions.published(3, 9, Some("event"));
        positions.give_back(news);
        assert_eq!(offsets(&positions.take_news()), [("partitions.3", 10), ("partitions.4", 8)]);
    }

    #[test]
    fn a_record_without_an_event_id_is_no_place_to_know_a_log_by() {
        let positions = Positions::default();
        positions.published(3, 7, None);
        assert!(positions.take_news().is_empty());
    }
}
