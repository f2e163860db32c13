//! The identity document of a collection: which incarnation of the database this is, which log it belongs to, and how
//! far the two are known to agree.

use std::collections::{BTreeMap, HashMap};

use bson::{Document, doc};
use mongodb::{
    error::Result,
    options::{CollectionOptions, ReadConcern, WriteConcern},
};
use serde::{Deserialize, Serialize};

use super::{
    super::{gate::IDENTITY, outcome::Collection},
    positions::Position,
    reader::Log,
};

/// The identity of a collection and of the log it belongs to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identity {
    #[serde(rename = "_id")]
    id: String,
    pub(super) incarnation: String,
    #[serde(default)]
    pub(super) cluster: Option<String>,
    topic: String,
    /// The first record of each partition.
    #[serde(default)]
    pub(super) first: BTreeMap<String, Position>,
    /// How far database and log are known to agree.
    #[serde(default)]
    pub(super) partitions: BTreeMap<String, Position>,
    #[serde(default)]
    pub(super) stopped_cleanly: bool,
}

pub(super) async fn find(collection: &Collection) -> Result<Option<Identity>> {
    identities(collection).find_one(doc! { "_id": collection.name }).await
}

/// Gives a database without one an identity. An error, when another instance was first: the next look finds its document.
pub(super) async fn create(collection: &Collection, topic: &str, log: &Log) -> Result<Identity> {
    let identity = Identity {
        id: collection.name.to_owned(),
        incarnation: uuid::Uuid::new_v4().to_string(),
        cluster: log.cluster.clone(),
        topic: topic.to_owned(),
        first: BTreeMap::new(),
        partitions: BTreeMap::new(),
        stopped_cleanly: false,
    };
    identities(collection).insert_one(&identity).await?;
    Ok(identity)
}

/// Moves the known places forward; `$max` compares documents member by member, so the higher offset wins.
pub(super) async fn store(
    collection: &Collection,
    identity: &Identity,
    log: &Log,
    first: &HashMap<i32, Position>,
    positions: &HashMap<i32, Position>,
) -> Result<()> {
    let mut furthest = Document::new();
    for (partition, at) in positions {
        furthest.insert(format!("partitions.{partition}"), at.to_bson());
    }
    let mut set = doc! { "stoppedCleanly": false };
    for (partition, at) in first {
        set.insert(format!("first.{partition}"), at.to_bson());
    }
    if let Some(cluster) = &log.cluster {
        set.insert("cluster", cluster);
    }
    let mut update = doc! { "$set": set };
    if !furthest.is_empty() {
        update.insert("$max", furthest);
    }
    let filter = doc! { "_id": collection.name, "incarnation": &identity.incarnation };
    identities(collection).update_one(filter, update).await.map(drop)
}

fn identities(collection: &Collection) -> mongodb::Collection<Identity> {
    let options = CollectionOptions::builder()
        .read_concern(ReadConcern::majority())
        .write_concern(WriteConcern::majority())
        .build();
    collection.database.collection_with_options(IDENTITY, options)
}
