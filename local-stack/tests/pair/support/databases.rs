//! Both databases as their administrator sees them, for what no API shows: that two stores agree in every field, and
//! that nothing is parked.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use mongodb::Collection;
use mongodb::bson::{Bson, Document, doc};

use super::world::World;

/// What the copy has of a customer (`domain.md` §2: what fulfilment needs and nothing else).
pub(crate) const COPIED: [&str; 8] =
    ["name", "contact", "addresses", "version", "status", "createdAt", "updatedAt", "deletedAt"];

/// What must never be in it.
const NOT_COPIED: [&str; 3] = ["creditCards", "keys", "change"];

/// The customers of accounts, by id.
pub(crate) async fn customers(world: &World) -> BTreeMap<String, Document> {
    all(&world.accounts_database().collection("customer.accounts")).await
}

/// The active generation of the copy.
pub(crate) async fn copy(world: &World) -> Collection<Document> {
    let database = world.orders_database();
    let pointer = database.collection::<Document>("projections").find_one(doc! { "_id": "customers" }).await.unwrap();
    let active = pointer.as_ref().and_then(|pointer| whole(pointer.get("active"))).unwrap_or(1);
    database.collection(&format!("customers.g{active}"))
}

/// The copies in orders, by id.
pub(crate) async fn copies(world: &World) -> BTreeMap<String, Document> {
    all(&copy(world).await).await
}

/// The events that orders could not apply.
pub(crate) async fn parked(world: &World) -> Vec<Document> {
    let parked = world.orders_database().collection::<Document>("parked");
    parked.find(doc! {}).await.unwrap().try_collect().await.unwrap()
}

/// The version of a document of either service.
pub(crate) fn version(document: &Document) -> u64 {
    whole(document.get("version")).and_then(|version| u64::try_from(version).ok()).unwrap_or_default()
}

/// The first difference between the source and its copy; `None` when they agree in every field.
pub(crate) fn difference(source: &BTreeMap<String, Document>, copies: &BTreeMap<String, Document>) -> Option<String> {
    if source.len() != copies.len() {
        return Some(format!("{} customers, {} copies", source.len(), copies.len()));
    }
    source.iter().find_map(|(id, customer)| {
        let Some(copy) = copies.get(id) else { return Some(format!("{id} has no copy")) };
        difference_of(customer, copy).map(|what| format!("{id}: {what}"))
    })
}

fn difference_of(customer: &Document, copy: &Document) -> Option<String> {
    let differs = COPIED.iter().find(|field| plain(customer.get(field)) != plain(copy.get(field)));
    if let Some(field) = differs {
        return Some(format!("{field} is {:?} in accounts, {:?} in orders", customer.get(field), copy.get(field)));
    }
    NOT_COPIED.iter().find(|field| copy.contains_key(field)).map(|field| format!("the copy has {field}"))
}

/// A value without the members that are null, which mean the same as absent ones, and without the width of numbers.
fn plain(value: Option<&Bson>) -> Bson {
    match value {
        None | Some(Bson::Null) => Bson::Null,
        Some(Bson::Int32(number)) => Bson::Int64(i64::from(*number)),
        Some(Bson::Document(document)) => {
            let members = document.iter().map(|(name, value)| (name.clone(), plain(Some(value))));
            Bson::Document(members.filter(|(_, value)| *value != Bson::Null).collect())
        }
        Some(Bson::Array(items)) => Bson::Array(items.iter().map(|item| plain(Some(item))).collect()),
        Some(other) => other.clone(),
    }
}

pub(crate) fn whole(value: Option<&Bson>) -> Option<i64> {
    plain(value).as_i64()
}

async fn all(collection: &Collection<Document>) -> BTreeMap<String, Document> {
    let documents: Vec<Document> = collection.find(doc! {}).await.unwrap().try_collect().await.unwrap();
    documents.into_iter().map(|document| (document.get_str("_id").unwrap().to_owned(), document)).collect()
}

/// How far the copy is by its own account: per partition the first offset that is not in it.
pub(crate) async fn checkpoints(world: &World) -> BTreeMap<i32, i64> {
    positions(world, copy(world).await.name()).await
}

/// How far a view is by its own account.
pub(crate) async fn positions(world: &World, view: &str) -> BTreeMap<i32, i64> {
    let checkpoints = world.orders_database().collection::<Document>("checkpoints");
    let found: Vec<Document> = checkpoints.find(doc! {}).await.unwrap().try_collect().await.unwrap();
    let ours = found.iter().filter(|one| one.get_str("_id").is_ok_and(|id| id.starts_with(&format!("{view}/"))));
    ours.filter_map(|one| Some((i32::try_from(whole(one.get("partition"))?).ok()?, whole(one.get("next"))?))).collect()
}
