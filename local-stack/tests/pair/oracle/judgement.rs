//! Waits until the system has healed, and then compares everything with everything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use mongodb::bson::{Bson, Document};
use serde_json::Value;
use shared_events::customer::DELETED;

use super::{Attempt, History, Oracle, Verdict, Wish};
use crate::support::customers;
use crate::support::databases::{self, version};
use crate::support::eventually::eventually;
use crate::support::topic::Topic;
use crate::support::world::World;

/// What a run amounted to.
#[derive(Debug)]
pub(crate) struct Figures {
    acknowledged: usize,
    refused: usize,
    unknown: usize,
    customers: usize,
    records: usize,
    repeats: usize,
    topic_complete_after: Duration,
    copy_equal_after: Duration,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            acknowledged,
            refused,
            unknown,
            customers,
            records,
            repeats,
            topic_complete_after,
            copy_equal_after,
        } = self;
        write!(
            f,
            "{acknowledged} changes acknowledged, {refused} refused, {unknown} of unknown outcome, {customers} customers; \
             {records} records, {repeats} of them repeats; topic complete after {topic_complete_after:.1?}, copy equal \
             after {copy_equal_after:.1?}"
        )
    }
}

/// Waits for the topic and for the copy, and panics with all that is wrong.
pub(crate) async fn heal_and_judge(world: &World, oracle: &Oracle) -> Figures {
    let begin = Instant::now();
    let mut topic = Topic::new(&world.servers.kafka_brokers, &world.topic());
    let (history, customers) = complete_history(world, oracle, &mut topic).await;
    let topic_complete_after = begin.elapsed();
    eventually("the copy equals accounts", || async {
        databases::difference(&customers, &databases::copies(world).await).map_or(Ok(()), Err)
    })
    .await;
    let copy_equal_after = begin.elapsed();

    let attempts = oracle.attempts();
    let mut faults = oracle.faults();
    faults.extend(history.faults.iter().cloned());
    faults.extend(attempts.iter().filter_map(|attempt| false_answer(attempt, &history)));
    faults.extend(one_effect_each(&attempts, &history));
    faults.extend(customers.iter().filter_map(|(id, customer)| uncommitted_event(id, customer, &history)));
    faults.extend(
        history
            .customers
            .keys()
            .filter(|id| !customers.contains_key(*id))
            .map(|id| format!("{id} is in the topic only")),
    );
    faults.extend(databases::parked(world).await.iter().map(|parked| format!("parked: {parked}")));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), first_of(&faults));

    let count = |is: fn(&Verdict) -> bool| attempts.iter().filter(|attempt| is(&attempt.verdict)).count();
    Figures {
        acknowledged: count(|verdict| matches!(verdict, Verdict::Acknowledged { .. })),
        refused: count(|verdict| matches!(verdict, Verdict::Refused { .. })),
        unknown: count(|verdict| matches!(verdict, Verdict::Unknown)),
        customers: customers.len(),
        records: history.records,
        repeats: history.repeats,
        topic_complete_after,
        copy_equal_after,
    }
}

/// The topic once it has everything: the newest version of every document, and every acknowledged one.
async fn complete_history(world: &World, oracle: &Oracle, topic: &mut Topic) -> (History, BTreeMap<String, Document>) {
    let acknowledged: BTreeSet<(String, u64)> = oracle
        .attempts()
        .into_iter()
        .filter_map(|attempt| match attempt.verdict {
            Verdict::Acknowledged { version, .. } => Some((attempt.id, version)),
            Verdict::Refused { .. } | Verdict::Unknown => None,
        })
        .collect();
    let topic = tokio::sync::Mutex::new((topic, History::default()));
    let customers = eventually("the topic has every change", || async {
        let customers = databases::customers(world).await;
        let mut guard = topic.lock().await;
        let (topic, history) = &mut *guard;
        history.extend(topic.read_on().await);
        let stored = customers.iter().map(|(id, customer)| (id.clone(), version(customer)));
        let mut missing = stored.chain(acknowledged.iter().cloned()).filter(|(id, v)| history.event(id, *v).is_none());
        match missing.next() {
            Some((id, version)) => Err(format!("{id} version {version} and {} others are missing", missing.count())),
            None => Ok(customers),
        }
    })
    .await;
    (topic.into_inner().1, customers)
}

/// 1 and 11: what was acknowledged is in the topic as it was acknowledged, and what was refused is not.
pub(super) fn false_answer(attempt: &Attempt, history: &History) -> Option<String> {
    let Attempt { wish, id, mark, verdict } = attempt;
    match verdict {
        Verdict::Unknown => None,
        Verdict::Acknowledged { version, content } => {
            let Some(event) = history.event(id, *version) else {
                return Some(format!("{wish:?} of {id}: version {version} was acknowledged and is not in the topic"));
            };
            let told = content.as_ref().is_none_or(|content| same_customer(content, &event.data));
            let ended = (*wish == Wish::Delete) == (event.kind == DELETED);
            (!told || !ended).then(|| {
                format!(
                    "{wish:?} of {id}: acknowledged as {version} {content:?}, but that is {} {}",
                    event.kind, event.data
                )
            })
        }
        Verdict::Refused { status } => {
            let mark = mark.as_deref()?;
            let versions = history.customers.get(id)?;
            let (version, _) = versions.iter().find(|(_, event)| customers::mark(&event.data) == Some(mark))?;
            Some(format!("{wish:?} of {id} was refused with {status}, but it is version {version}"))
        }
    }
}

/// The data of an event is the customer and the list of what has changed.
fn same_customer(customer: &Value, data: &Value) -> bool {
    let mut data = data.clone();
    if let Some(members) = data.as_object_mut() {
        members.remove("changed");
    }
    *customer == data
}

/// 11: no two callers were told the same version, nothing took effect twice, and nothing happened that nobody asked for.
pub(super) fn one_effect_each(attempts: &[Attempt], history: &History) -> Vec<String> {
    let mut faults = Vec::new();
    let mut told = BTreeSet::new();
    let mut marks = BTreeSet::new();
    let mut deletable = BTreeSet::new();
    for Attempt { wish, id, mark, verdict } in attempts {
        if let Verdict::Acknowledged { version, .. } = verdict
            && !told.insert((id, version))
        {
            faults.push(format!("{id} version {version} was acknowledged to two callers"));
        }
        if let Some(mark) = mark {
            marks.insert((id.as_str(), mark.as_str()));
        }
        if *wish == Wish::Delete && !matches!(verdict, Verdict::Refused { .. }) {
            deletable.insert(id.as_str());
        }
    }
    for (id, versions) in &history.customers {
        for (version, event) in versions {
            let wanted = if event.kind == DELETED {
                deletable.contains(id.as_str())
            } else {
                // Taken out: a second version with the same mark is a second effect.
                customers::mark(&event.data).is_some_and(|mark| marks.remove(&(id.as_str(), mark)))
            };
            if !wanted {
                faults.push(format!("{id} version {version}: nobody asked for {} or it was done twice", event.kind));
            }
        }
    }
    faults
}

/// 3: the topic is never ahead of the database, and where the document still knows its changes they are the same.
fn uncommitted_event(id: &str, customer: &Document, history: &History) -> Option<String> {
    let stored = version(customer);
    let newest = history.newest(id)?;
    if newest > stored {
        return Some(format!("{id}: the topic has version {newest}, the database {stored}"));
    }
    let known = customer.get_array("recent").map(Vec::as_slice).unwrap_or_default();
    let versions = (1..=stored).rev().zip(known.iter().rev());
    versions.into_iter().find_map(|(version, change)| {
        let published = &history.event(id, version)?.event_id;
        let committed = change_id(change);
        (committed.as_ref() != Some(published)).then(|| {
            format!("{id} version {version}: the topic has the change {published}, the database {committed:?}")
        })
    })
}

fn change_id(change: &Bson) -> Option<String> {
    let Bson::Binary(binary) = change else { return None };
    binary.to_uuid().ok().map(|id| id.to_string())
}

fn first_of(faults: &[String]) -> String {
    faults.iter().take(20).map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n")
}
